import { layOut } from "../../../scripts/emit/layout";

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
    expect(layOut(`{ for k, v in { a = 1 } : k => v }`, 0)).toBe("{ for k, v in { a = 1 } : k => v }");
  });

  test.each(["f(", "f)", "[(])", "f(}", "{ a = 1 # b\n }", "f(<<EOT\nx\nEOT\n)", "a /* b */"])(
    "refuses %j",
    (source) => {
      expect(() => layOut(source, 0)).toThrow(/brackets do not match|not supported/);
    },
  );
});
