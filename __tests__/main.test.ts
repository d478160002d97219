/** The program as users run it: `tsx main.ts` in a folder of theirs. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT } from "../lab/tools/project";

jest.setTimeout(60_000);

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function run(configuration: string) {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-main-"));
  folders.push(folder);
  writeFileSync(join(folder, "docker-cache.yaml"), configuration);
  const { CDKTF_OUTDIR, DOCKER_CACHE_CONFIG, ...env } = process.env;
  const argv = ["--require", require.resolve("tsx/cjs"), join(ROOT, "main.ts")];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8", env });
  return { folder, status, stdout, stderr };
}

/** Every file below a folder, by its path there. */
function written(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

const DEFAULT = readFileSync(join(ROOT, "docker-cache.yaml"), "utf8");

it("R15: writes the same bytes in two folders, the bundled function among them", () => {
  const [first, second] = [run(DEFAULT), run(DEFAULT)];
  expect(first).toMatchObject({ status: 0, stderr: "" });
  const files = written(first.folder);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([
      "cdktf.out/manifest.json",
      "cdktf.out/stacks/docker-cache-builder-eu-west-1/userdata/boot.sh",
      "cdktf.out/stacks/docker-cache-rotation-us-east-1/lambda/rotation/index.mjs",
      "cdktf.out/stacks/docker-cache-worker-us-east-1/userdata/unpack.sh",
    ]),
  );
  expect(written(second.folder)).toEqual(files);
});

it("prints every problem of a bad configuration, ends with 2 and writes nothing", () => {
  const { folder, status, stdout, stderr } = run("regions:\n  eu-west-1: {}\nchaches: {}\nprojekt: a\n");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("docker-cache.yaml:3:1: chaches");
  expect(stderr).toContain("docker-cache.yaml:4:1: projekt");
  expect(stderr).toContain("2 problems in the configuration; nothing was written.");
  expect(readdirSync(folder)).toEqual(["docker-cache.yaml"]);
});

it("says which user data is too long for EC2, ends with 2 and writes nothing", () => {
  const script = Array.from({ length: 1500 }, (_, index) => (index * 7919 * 7919).toString(36)).join(" ");
  const { folder, status, stderr } = run(`${DEFAULT}    worker:\n      script: "#!${script}"\n`);
  expect(stderr).toMatch(/^docker-cache-worker-eu-west-1\/ci_x86_64: the user data has \d+ bytes, and EC2 takes 16384/);
  expect(status).toBe(2);
  expect(readdirSync(folder)).toEqual(["docker-cache.yaml"]);
});
