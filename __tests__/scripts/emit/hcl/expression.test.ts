import { expression, loneExpression } from "../../../../scripts/emit/hcl/expression";

describe("expression", () => {
  test.each([
    ["${var.x}", "var.x"],
    ["a ${var.x}", '"a ${var.x}"'],
    ["${~ var.x ~}", '"${~ var.x ~}"'],
    ['say "hi"\\\n\t\r', '"say \\"hi\\"\\\\\\n\\t\\r"'],
    ['"${jsonencode("a\\n")}"', '"\\"${jsonencode("a\\n")}\\""'],
    [["${a}", 1, true, null], "[a, 1, true, null]"],
    [{}, "{}"],
    [{ a: 1, "b-c": "x", "d:e": "${f}" }, '{ a = 1, b-c = "x", "d:e" = f }'],
    [{ for: 1, null: 2, "${var.k}": 3, "a${var.k}": 4 }, '{ "for" = 1, "null" = 2, (var.k) = 3, "a${var.k}" = 4 }'],
  ])("template %j", (value, expected) => expect(expression(value, "template")).toBe(expected));

  test("text is never a template", () => {
    expect(expression({ "${a}": "${b} %{c} $${d}" }, "text")).toBe('{ "$${a}" = "$${b} %%{c} $$${d}" }');
  });
});

test("loneExpression takes only what is one sequence", () => {
  expect(loneExpression("${a}${b}")).toBeUndefined();
  expect(loneExpression("%{ if a }")).toBeUndefined();
  expect(loneExpression("a.b")).toBeUndefined();
  expect(loneExpression("${ a.b }")).toBe("a.b");
});
