import { z } from "zod";
import { rulesOf } from "../../../stacks/faces/variable-rules";
import { typeOf } from "../../../stacks/faces/variable-type";
import { typedValue } from "../../../stacks/faces/variable-value";
import { emptyStack, read } from "../harness";

/** The conditions that Terraform checks on a variable `x`, each with its message. */
function checked(field: z.ZodType): [condition: unknown, message: string][] {
  const stack = emptyStack();
  return rulesOf(field, "var.x", "x").map(({ condition, errorMessage }) => [read(stack, condition), errorMessage]);
}

test.each<[z.ZodType, string | undefined, string]>([
  [z.int().min(1).max(5), "var.x >= 1 && var.x <= 5 && var.x % 1 == 0", "a whole number from 1 to 5"],
  [z.int().positive(), "var.x > 0 && var.x % 1 == 0", "a whole number, greater than 0"],
  [z.int().max(-1), "var.x <= -1 && var.x % 1 == 0", "a whole number, at most -1"],
  [z.int(), "var.x % 1 == 0", "a whole number"],
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

const VOLUME = z.strictObject({
  size_gib: z.int().min(4).default(100),
  type: z.enum(["gp3", "io2"]).default("gp3"),
  kms: z.string().nullable().default(null),
});
const TARGET = z.strictObject({ region: z.string().regex(/^[a-z]+$/), schedule: z.int().max(4).default(1) });

describe("an object, whose variable has the type any", () => {
  test("its type says nothing, in a list and a map, too", () => {
    expect([VOLUME.prefault({}), z.array(TARGET), z.array(z.union([z.string(), TARGET]))].map(typeOf)).toEqual([
      "any",
      "any",
      "any",
    ]);
    expect(typeOf(z.record(z.string(), TARGET))).toBe("any");
    expect(typeOf(z.record(z.string(), z.string()))).toBe("map(string)");
  });

  test("its value has types and defaults", () => {
    const stack = emptyStack();
    expect(read(stack, typedValue(VOLUME, "var.x"))).toBe(
      '${{ size_gib = coalesce(tonumber(try(var.x.size_gib, null)), 100), type = coalesce(tostring(try(var.x.type, null)), "gp3"), kms = tostring(try(var.x.kms, null)) }}',
    );
    expect(read(stack, typedValue(z.array(TARGET), "var.x"))).toBe(
      "${[for item in var.x : { region = tostring(try(item.region, null)), schedule = coalesce(tonumber(try(item.schedule, null)), 1) }]}",
    );
  });

  test("the plan sees whether a part is given, and how long it is, if what is in it is unknown", () => {
    const field = z.strictObject({
      topic: z.strictObject({ arn: z.string() }).nullable().default(null),
      groups: z.array(z.string()).default([]),
    });
    expect(read(emptyStack(), typedValue(field, "var.x"))).toBe(
      '${{ topic = lookup(var.x, "topic", null) == null ? null : { arn = tostring(try(var.x.topic.arn, null)) }, groups = coalesce(tolist(lookup(var.x, "groups", null)), []) }}',
    );
  });

  test("an attribute with a default may be absent or null, and is of its type", () => {
    expect(
      checked(VOLUME)
        .slice(2)
        .map(([condition]) => condition),
    ).toEqual([
      "${try(var.x.size_gib, null) == null ? true : try(var.x.size_gib >= 4 && var.x.size_gib % 1 == 0, false)}",
      '${try(var.x.type, null) == null ? true : try(can(tostring(var.x.type)) && contains(["gp3", "io2"], var.x.type), false)}',
      "${try(var.x.kms, null) == null ? true : try(can(tostring(var.x.kms)), false)}",
    ]);
  });

  test("an attribute without one must be given", () => {
    const conditions = checked(z.array(TARGET)).map(([condition]) => condition);
    expect(conditions).toContain(
      '${try(alltrue([for item in var.x : try(can(regex("^[a-z]+$", item.region)), false)]), true)}',
    );
    expect(conditions).toContain("${try(alltrue([for item in var.x : can(keys(item))]), true)}");
  });

  test("unknown attributes are named, with those that begin alike", () => {
    const [isObject, isKnown] = checked(VOLUME);
    expect(isObject).toEqual(["${can(keys(var.x))}", "x: expected an object."]);
    expect(isKnown![0]).toBe(
      '${alltrue([for name in try(keys(var.x), []) : contains(["size_gib", "type", "kms"], name)])}',
    );
    expect(read(emptyStack(), isKnown![1])).toMatch(
      /^x: found the unknown key \$\{join\(.*\)\}; expected one of size_gib, type, kms\.$/,
    );
  });
});
