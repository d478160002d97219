import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { dropUnusedShapes } from "../../lambda-src/drop-unused-shapes";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "docker-cache-shapes-"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Bundles a program that uses the shape `Used$` of this file of shapes. */
async function bundle(shapes: string): Promise<string> {
  mkdirSync(join(root, "dist-es/schemas"), { recursive: true });
  writeFileSync(join(root, "dist-es/schemas/schemas_0.js"), shapes);
  writeFileSync(
    join(root, "main.js"),
    'import { Used$ } from "./dist-es/schemas/schemas_0.js";\nconsole.log(Used$);\n',
  );
  const entryPoints = [join(root, "main.js")];
  const result = await build({ entryPoints, bundle: true, write: false, format: "esm", plugins: [dropUnusedShapes] });
  return result.outputFiles[0]?.text ?? "";
}

const CONSTANTS = 'const _a = "a";\nconst _b = "b";\n';

test("a shape that is not used goes, and keys of one that is are written out", async () => {
  const text = await bundle(`${CONSTANTS}export const Used$ = { [_a]: 1 };\nexport const Unused$ = { [_b]: 2 };\n`);
  expect(text).toMatch(/Used\$ = \{ "?a"?: 1 \}/);
  expect(text).not.toContain("Unused$");
});

test("a key that is no constant of the file stays as it is", async () => {
  const text = await bundle(`${CONSTANTS}const _c = Symbol();\nexport const Used$ = { [_a]: 1, [_c]: 2 };\n`);
  expect(text).toMatch(/"?a"?: 1, \[_c\]: 2/);
});
