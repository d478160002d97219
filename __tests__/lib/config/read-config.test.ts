import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../../lib/config/read-config";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("reads the default of the current folder", () => {
  const parsed = readConfig({});
  expect(parsed).toMatchObject({ ok: true, config: { project: "docker-cache" } });
});

test("reads the file that the environment names; an empty name is none", () => {
  const file = join(folder, "other.yaml");
  writeFileSync(file, "project: 3\n");
  const parsed = readConfig({ DOCKER_CACHE_CONFIG: file });
  expect(parsed).toMatchObject({
    ok: false,
    problems: [{ file }, { file, line: 1, column: 10, path: "project" }],
  });
  expect(readConfig({ DOCKER_CACHE_CONFIG: "" }).ok).toBe(true);
});

test.each([
  ["missing.yaml", "no such file"],
  ["", "a file that cannot be read (EISDIR)"],
])("a file %j that cannot be read is a problem", (name, found) => {
  const file = join(folder, name);
  expect(readConfig({ DOCKER_CACHE_CONFIG: file })).toEqual({
    ok: false,
    problems: [
      {
        file,
        line: 1,
        column: 1,
        path: "",
        found,
        expected: "a configuration",
        fix: "write docker-cache.yaml here, or name another file in $DOCKER_CACHE_CONFIG",
      },
    ],
  });
});
