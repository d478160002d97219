import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { projectFiles, ROOT } from "../../lab/tools/project";
import { anchors, blocks, codeSpans, pages, relativeLinks } from "./pages";

const all = pages();
const known = projectFiles();

/** The project's top folders: with one of them in front, a code span is one of our file names. */
const FOLDERS = new Set(known.flatMap((file) => /^[^/]+(?=\/)/.exec(file) ?? []));
/** Forms of names, not names. */
const NOT_IN_GIT = ["docs/decisions/NNNN-*.md"];

/** A path, or a pattern: `<word>` and `*` stand for anything within one segment. */
function exists(path: string): boolean {
  const clean = path.replace(/\/$/, "");
  if (NOT_IN_GIT.includes(clean) || [clean, `${clean}.ts`].some((file) => existsSync(join(ROOT, file)))) return true;
  if (!/[<*]/.test(clean)) return false;
  const escaped = clean.replaceAll(".", "\\.").replaceAll(/<[\w-]+>|\*/g, "[^/]*");
  return known.some((file) => new RegExp(`^${escaped}(/|$)`).test(file));
}

function isOurName(span: string): boolean {
  const [folder = ""] = span.split("/");
  return FOLDERS.has(folder) && /^[^/]+\/[\w./<>*-]*$/.test(span);
}

/** The files that a page names and that are not there. */
function missing(text: string): string[] {
  return codeSpans(text).filter((span) => isOurName(span) && !exists(span));
}

test("the pages are found", () => {
  expect(all.map((page) => page.path)).toEqual(expect.arrayContaining(["README.md", "docs/operations.md"]));
});

test("every example has a page of its own", () => {
  const folders = new Set(known.flatMap((file) => /^examples\/[\w-]+/.exec(file) ?? []));
  expect(folders.size).toBeGreaterThan(2);
  expect([...folders].filter((folder) => !known.includes(`${folder}/README.md`))).toEqual([]);
});

test.each(["cli/programm.cjs", "lib/contracts.ts", ".devcontainer/image.json", ".ci/start"])(
  "would be seen: %s",
  (name) => {
    expect(missing(`It is in \`${name}\`.`)).toEqual([name]);
  },
);

describe.each(all.map((page) => [page.path, page] as const))("%s", (_, page) => {
  test("links lead somewhere", () => {
    const broken = relativeLinks(page.text).filter((target) => {
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page.path : normalize(join(dirname(page.path), file));
      if (!existsSync(join(ROOT, path))) return true;
      return anchor !== undefined && !anchors(readFileSync(join(ROOT, path), "utf8")).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test("its JSON is JSON", () => {
    for (const { text } of blocks(page.text).filter(({ language }) => language === "json"))
      expect(() => JSON.parse(text)).not.toThrow();
  });

  test("files it names exist", () => {
    expect(missing(page.text)).toEqual([]);
  });
});
