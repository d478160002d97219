import { formatPath, formatProblems } from "../../../../lib/config/text/problem";

test.each([
  [[], ""],
  [["caches", "ci", "images", 0, "reference"], "caches.ci.images[0].reference"],
  [["regions", "eu-west-1"], "regions.eu-west-1"],
])("path %j is %s", (path, text) => {
  expect(formatPath(path)).toBe(text);
});

const problem = {
  file: "a.yaml",
  line: 3,
  column: 5,
  path: "project",
  found: "3",
  expected: "a name",
  fix: "quote it",
};

test("a problem says where, what was found, what is expected and the fix", () => {
  expect(formatProblems([problem])).toBe(
    [
      "a.yaml:3:5: project",
      "  found     3",
      "  expected  a name",
      "  fix       quote it",
      "",
      "1 problem in the configuration; nothing was written.",
      "",
    ].join("\n"),
  );
});

test("several are counted, and the whole file has no path", () => {
  const text = formatProblems([problem, { ...problem, path: "" }]);
  expect(text).toContain("a.yaml:3:5: the file\n");
  expect(text).toMatch(/\n2 problems in the configuration; nothing was written\.\n$/);
});
