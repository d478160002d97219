import { parenthesize } from "../../../lib/hcl/parentheses";
import { ModuleStack } from "../../../stacks/faces/module-stack";
import { hcl } from "../../../stacks/terraform/expression";

describe("parenthesize", () => {
  test.each([
    // A condition is torn apart by any operator, but stands in another's branches.
    ["a ? b : c", "", " != null", "(a ? b : c)"],
    ["a ? b : c", "x && ", "", "(a ? b : c)"],
    ["a ? b : c", "", " ? d : e", "(a ? b : c)"],
    ["a ? b : c", "d ? ", " : e", "a ? b : c"],
    ["a ? b : c", "d ? e : ", "", "a ? b : c"],
    ["a ? b : c", "f(", ", x)", "a ? b : c"],
    ["a ? b : c", "k => ", "", "a ? b : c"],
    ["a ? b : c", "", "[0]", "(a ? b : c)"],
    ["a ? b : c", "", ".id", "(a ? b : c)"],
    ["a ? b : c", "!", "", "(a ? b : c)"],
    // Logic among its like, comparison within logic.
    ["a && b", "", " && c", "a && b"],
    ["a || b", "", " && c", "(a || b)"],
    ["a && b", "", " || c", "a && b"],
    ["a == b", "", " && c", "a == b"],
    ["a == b", "x == ", "", "(a == b)"],
    ["a && b", "", " ? c : d", "a && b"],
    // Arithmetic.
    ["a - b", "c - ", "", "(a - b)"],
    ["a + b", "", " > 1", "a + b"],
    // Nothing to tear apart.
    ["a", "x != ", "", "a"],
    ['"a ? b : c"', "", " != null", '"a ? b : c"'],
    ["f(a ? b : c)", "", " != null", "f(a ? b : c)"],
    ["[for x in y : x ? 1 : 2]", "", "[0]", "[for x in y : x ? 1 : 2]"],
    ["-1", "x < ", "", "-1"],
  ])("%j between %j and %j is %j", (expression, before, after, expected) => {
    expect(parenthesize(expression, before, after)).toBe(expected);
  });
});

test("expressions keep their meaning inside others", () => {
  const stack = new ModuleStack("x");
  const condition = hcl`var.a == null ? var.b : var.a`;
  const json = (value: unknown) => {
    stack.addOverride("locals.x", value);
    return (stack.toTerraform() as { locals: { x: string } }).locals.x;
  };
  expect(json(hcl`${condition} != null`)).toBe("${(var.a == null ? var.b : var.a) != null}");
  expect(json(hcl`f(${condition})`)).toBe("${f(var.a == null ? var.b : var.a)}");
});
