import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "../../../scripts/generate/main";

/** Without results of the lab: what shows them is tested in __tests__/bench. */
const files = [
  "docker-cache.schema.json",
  ...["configuration", "security", "architecture", "ci-images", "layer-cache"].map((page) => `docs/${page}.md`),
];

/** In a copy of the repository's generated files. */
describe("generate", () => {
  const repository = process.cwd();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "generate-"));
    for (const file of files) cpSync(join(repository, file), join(folder, file));
    for (const part of ["lib", "stacks", "lambda-src"])
      cpSync(join(repository, part), join(folder, part), { recursive: true });
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(repository);
    rmSync(folder, { recursive: true });
  });

  test("has nothing to do where all is fresh", () => {
    expect(generate(true)).toEqual([]);
  });

  test("names what is stale, and only writes when asked", () => {
    writeFileSync("docs/configuration.md", "old");
    rmSync("docker-cache.schema.json");
    expect(generate(true)).toEqual(["docker-cache.schema.json", "docs/configuration.md"]);
    expect(readFileSync("docs/configuration.md", "utf8")).toBe("old");
    expect(generate(false)).toEqual(["docker-cache.schema.json", "docs/configuration.md"]);
    expect(generate(true)).toEqual([]);
    for (const file of files) expect(readFileSync(file, "utf8")).toBe(readFileSync(join(repository, file), "utf8"));
  });
});
