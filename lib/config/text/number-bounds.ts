/** The bounds of a number, for words about it and for conditions on it. */
import { z } from "zod";

/** One bound, as a comparison of the number with it. */
export interface Comparison {
  readonly operator: ">=" | ">" | "<=" | "<";
  readonly bound: number;
}

export interface NumberBounds {
  readonly isWhole: boolean;
  /** None, one or two, the lower one first. */
  readonly comparisons: readonly Comparison[];
}

/** Keywords of JSON Schema for bounds, lower ones first. */
const OPERATORS = { minimum: ">=", exclusiveMinimum: ">", maximum: "<=", exclusiveMaximum: "<" } as const;

/** Returns the bounds that a number was given; those that zod gives to every integer are none. */
export function boundsOf(field: z.ZodNumber): NumberBounds {
  const schema = z.toJSONSchema(field, { io: "input" });
  const comparisons = Object.entries(OPERATORS).flatMap(([keyword, operator]) => {
    const bound = schema[keyword];
    return typeof bound === "number" && Math.abs(bound) !== Number.MAX_SAFE_INTEGER ? [{ operator, bound }] : [];
  });
  return { isWhole: schema.type === "integer", comparisons };
}
