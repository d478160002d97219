import { dirname } from "node:path";
import { projectFiles } from "../../lab/tools/project";

const WIDEST = 20;
/** Emitted, recorded or prose. The root is where tools look for their configuration. */
const NO_CODE = /^(modules|docs|bench\/results)\/|\/golden\/|^[^/]+$/;

/** Folders with more files of code, tests and data than a reader takes in at once. */
function tooWide(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths.filter((one) => !NO_CODE.test(one)))
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > WIDEST).map(([folder, count]) => `${folder}: ${count} files`);
}

const numbered = (folder: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${folder}/${index}.ts`);

test("no folder of code holds more than 20 files", () => {
  expect(tooWide(projectFiles())).toEqual([]);
});

test("a folder that is too wide would be seen", () => {
  const paths = [...numbered("lib/wide", 21), ...numbered("lib/wide/below", 20), ...numbered("modules/builder", 30)];
  expect(tooWide(paths)).toEqual(["lib/wide: 21 files"]);
});
