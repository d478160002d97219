import { layOut } from "../../../../scripts/emit/hcl/layout";

const LONG = "a_rather_long_argument_that_takes_space";

describe("layOut", () => {
  test("leaves on one line what fits, and normalises blanks", () => {
    expect(layOut("merge(\n  var.tags,\n  { a = 1 }\n)", 10)).toBe("merge(var.tags, { a = 1 })");
    expect(layOut('var.x == null ? [] : ["a,b\\n{"]', 10)).toBe('var.x == null ? [] : ["a,b\\n{"]');
    expect(layOut("f()", 0)).toBe("f()");
    expect(layOut("{}", 0)).toBe("{}");
  });

  test("the last argument opens on the line of the call", () => {
    expect(layOut(`base64encode(join("\\n", [file("${LONG}"), file("${LONG}"), "x"]))`, 12)).toBe(
      `base64encode(join("\\n", [\n  file("${LONG}"),\n  file("${LONG}"),\n  "x",\n]))`,
    );
  });

  test("objects of several items stand one an item a line, also those written over lines", () => {
    const expected = 'object({\n  a = string\n  b = optional(number, 1)\n  "c:d" = any\n})';
    expect(layOut('object({ a = string, b = optional(number, 1), "c:d" = any })', 0)).toBe(expected);
    expect(layOut('object({\na = string\n b = optional(number, 1)\n\n"c:d" = any\n})', 0)).toBe(expected);
  });

  test("arguments that do not hug stand one a line", () => {
    expect(layOut(`coalesce(${LONG}, ${LONG}, ${LONG})`, 0)).toBe(`coalesce(\n  ${LONG},\n  ${LONG},\n  ${LONG}\n)`);
  });

  test("a long for expression stands in brackets of its own, its condition below", () => {
    expect(layOut(`[for x in var.list : upper(x) if ${LONG} && ${LONG} && true]`, 0)).toBe(
      `[\n  for x in var.list : upper(x)\n  if ${LONG} && ${LONG} && true\n]`,
    );
    expect(layOut(`[for x in var.a ? ${LONG} : ${LONG} : var.b ? x : upper(x)]`, 0)).toBe(
      `[\n  for x in var.a ? ${LONG} : ${LONG} :\n  var.b ? x : upper(x)\n]`,
    );
    expect(layOut(`{ for x in ${LONG} : replace(x, "a", "b") => [${LONG}] }`, 0)).toBe(
      `{\n  for x in ${LONG} :\n  replace(x, "a", "b") => [${LONG}]\n}`,
    );
    expect(layOut(`[for x in ${LONG} : { a = ${LONG}, b = ${LONG} }]`, 0)).toBe(
      `[\n  for x in ${LONG} : {\n    a = ${LONG}\n    b = ${LONG}\n  }\n]`,
    );
    expect(layOut(`{ for k, v in { a = 1 } : k => v }`, 0)).toBe("{ for k, v in { a = 1 } : k => v }");
  });

  test("operators break where there is no bracket to break at, the loosest first", () => {
    expect(layOut(`${LONG} >= 1 && ${LONG} <= 2 && floor(${LONG}) == 3`, 0)).toBe(
      `(\n  ${LONG} >= 1 &&\n  ${LONG} <= 2 &&\n  floor(${LONG}) == 3\n)`,
    );
    expect(layOut(`${LONG} == " ? : " ? true : ${LONG} && ${LONG} || x`, 0)).toBe(
      `(\n  ${LONG} == " ? : "\n  ? true\n  : ${LONG} && ${LONG} || x\n)`,
    );
    expect(layOut(`${LONG} || ${LONG} && ${LONG}`, 0)).toBe(`(\n  ${LONG} ||\n  ${LONG} && ${LONG}\n)`);
  });

  test("parentheses are not doubled", () => {
    const flat = `${LONG} == 1 && ${LONG} == 2 && ${LONG}`;
    expect(layOut(`(${flat})`, 0)).toBe(layOut(flat, 0));
  });

  test("the values of an object break, not its names", () => {
    expect(layOut(`{ a = ${LONG} == null ? ${LONG} : ${LONG}, b = 1 }`, 0)).toBe(
      `{\n  a = (\n    ${LONG} == null\n    ? ${LONG}\n    : ${LONG}\n  )\n  b = 1\n}`,
    );
  });

  test("numbers fill lines", () => {
    const numbers = Array.from({ length: 40 }, (_, index) => 1000 + index);
    const rows = layOut(`[${numbers.join(", ")}]`, 0).split("\n");
    expect(rows).toHaveLength(6);
    expect(rows[1]).toMatch(/^ {2}1000, .*,$/);
  });

  test.each(["f(", "f)", "[(])", "f(}", "{ a = 1 # b\n }", "f(<<EOT\nx\nEOT\n)", "a /* b */"])(
    "refuses %j",
    (source) => {
      expect(() => layOut(source, 0)).toThrow(/brackets do not match|not supported/);
    },
  );
});
