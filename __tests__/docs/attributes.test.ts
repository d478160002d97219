/** Git and GitHub treat generated files as such, and no file that people write. */
import { execFileSync } from "node:child_process";
import { projectFiles, ROOT } from "../../lab/tools/project";

/** Attributes of each file, as git itself reads them. */
function attributes(paths: readonly string[]): Map<string, Readonly<Record<string, string>>> {
  const argv = ["check-attr", "-z", "--stdin", "diff", "linguist-generated", "eol"];
  const told = execFileSync("git", argv, { cwd: ROOT, encoding: "utf8", input: paths.join("\0") }).split("\0");
  const found = new Map<string, Record<string, string>>();
  for (let at = 0; at + 2 < told.length; at += 3) {
    const [path = "", attribute = "", value = ""] = told.slice(at, at + 3);
    found.set(path, { ...found.get(path), [attribute]: value });
  }
  return found;
}

/** A pattern for each kind of generated file. */
const GENERATED: Readonly<Record<string, RegExp>> = {
  modules: /^modules\//,
  goldens: /(?:^|\/)golden\//,
  "lock files": /(?:^|\/)package-lock\.json$/,
  "the editor's schema": /^docker-cache\.schema\.json$/,
  "the reduced provider schema": /^scripts\/emit\/block-names\.json$/,
  "the gate's record": /^scripts\/gate\/times\.json$/,
  "the pictures": /^bench\/results\/lab(?:-dark)?\.svg$/,
};

const all = projectFiles();
const found = attributes(all);
const generated = (path: string) => Object.values(GENERATED).some((pattern) => pattern.test(path));

test.each(Object.entries(GENERATED))("generated, and no diff is shown: %s", (_, pattern) => {
  const paths = all.filter((path) => pattern.test(path));
  expect(paths).not.toEqual([]);
  for (const path of paths)
    expect({ path, ...found.get(path) }).toEqual({ path, diff: "unset", "linguist-generated": "true", eol: "lf" });
});

test("every other file is shown, and ends its lines in the same way", () => {
  const others = all.filter((path) => !generated(path)).map((path) => ({ path, ...found.get(path) }));
  expect(others.length).toBeGreaterThan(400);
  const shown = { diff: "unspecified", "linguist-generated": "unspecified", eol: "lf" };
  expect(others).toEqual(others.map(({ path }) => ({ path, ...shown })));
});
