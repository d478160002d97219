import { z } from "zod";
import { rulesOf, typeOf } from "../../../stacks/faces/variable-type";
import { emptyStack, read } from "../harness";

/** The conditions that Terraform checks on a variable `x`, each with its message. */
function checked(field: z.ZodType): [condition: unknown, message: string][] {
  const stack = emptyStack();
  return rulesOf(field, "var.x", "x").map(({ condition, errorMessage }) => [read(stack, condition), errorMessage]);
}

test.each<[z.ZodType, string | undefined, string]>([
  [z.int().min(1).max(5), "var.x >= 1 && var.x <= 5 && floor(var.x) == var.x", "a whole number from 1 to 5"],
  [z.int().positive(), "var.x > 0 && floor(var.x) == var.x", "a whole number, greater than 0"],
  [z.int().max(-1), "var.x <= -1 && floor(var.x) == var.x", "a whole number, at most -1"],
  [z.int(), "floor(var.x) == var.x", "a whole number"],
  [z.number().min(0.5).max(2), "var.x >= 0.5 && var.x <= 2", "a number from 0.5 to 2"],
  [z.number().gt(0).lt(1), "var.x > 0 && var.x < 1", "a number, greater than 0, less than 1"],
  [z.number().positive().nullable(), "var.x == null ? true : var.x > 0", "a number, greater than 0, or null"],
  [z.array(z.number().lt(1)), "alltrue([for item in var.x : item < 1])", "a number, less than 1"],
])("%#: a number is checked for its own bounds", (field, condition, expected) => {
  const [rule, ...others] = checked(field);
  expect(others).toEqual([]);
  expect(rule).toEqual([`\${${condition}}`, expect.stringMatching(new RegExp(`: expected ${expected}\\.$`))]);
});

test("a number without bounds is checked by its type alone", () => {
  expect([typeOf(z.number()), checked(z.number())]).toEqual(["number", []]);
});
