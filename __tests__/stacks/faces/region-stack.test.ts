/** Files beside stacks: texts that many have are one file with many names. */
import fs, { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deployment } from "../fixture";
import { writeStacks } from "../synthesized";

const REGIONS = ["eu-west-1", "us-east-1"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-region-stack-"));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** The paths of a file in the rotation stacks of two regions. */
const paths = (file: string) =>
  REGIONS.map((region) => join(folder, `cdktf.out/stacks/docker-cache-rotation-${region}`, file));
const inodes = (file: string) => new Set(paths(file).map((path) => statSync(path).ino)).size;

test("the functions' code is written once, their zips for each stack, since Terraform writes those anew", () => {
  writeStacks(folder, deployment());
  for (const name of ["rotation", "router"]) {
    expect(inodes(`lambda/${name}/index.mjs`)).toBe(1);
    expect(inodes(`lambda/${name}.zip`)).toBe(2);
  }
});

test("a stack of an earlier synthesis is never written through another's file", () => {
  writeStacks(folder, deployment());
  const [, other] = paths("lambda/rotation/index.mjs") as [string, string];
  const before = readFileSync(other);
  const one = deployment();
  writeStacks(folder, { ...one, regions: one.regions.filter(({ name }) => name === REGIONS[0]) });
  expect(inodes("lambda/rotation/index.mjs")).toBe(2);
  expect(readFileSync(other)).toEqual(before);
});

test("where there are no links, each stack has a copy", () => {
  jest.spyOn(fs, "linkSync").mockImplementation(() => {
    throw new Error("operation not permitted");
  });
  writeStacks(folder, deployment());
  expect(inodes("lambda/rotation/index.mjs")).toBe(2);
  const [one, other] = paths("lambda/rotation/index.mjs").map((path) => readFileSync(path, "utf8"));
  expect(one).toBe(other);
});
