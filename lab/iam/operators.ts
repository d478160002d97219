/** IAM's condition operators. Values of a key are compared with all values in the policy. */
import { matches } from "./wildcards";

/** `given` is undefined if the request lacks the key. */
type Operator = (wanted: readonly string[], given: readonly string[] | undefined) => boolean;

/** Compares one value of the request with one of the policy. */
type Comparison = (wanted: string, given: string) => boolean;

/** An ARN with wildcards: each of its six parts on its own. */
function arnMatches(wanted: string, given: string): boolean {
  const partsOf = (arn: string) => {
    const parts = arn.split(":");
    return [...parts.slice(0, 5), parts.slice(5).join(":")];
  };
  const parts = partsOf(given);
  return partsOf(wanted).every((pattern, index) => matches(pattern, parts[index] ?? ""));
}

const sameText: Comparison = (wanted, given) => wanted === given;
const sameTextAnyCase: Comparison = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();

/** The operators that a value satisfies by being like one of the policy's. Each has a negation, which a value satisfies by being like none. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: sameText,
  StringEqualsIgnoreCase: sameTextAnyCase,
  StringLike: matches,
  ArnEquals: arnMatches,
  ArnLike: arnMatches,
  Bool: sameTextAnyCase,
};

const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

/**
 * An operator by name, with `ForAllValues:`, `ForAnyValue:` and `IfExists`. A key that the request lacks satisfies a negation, `ForAllValues` and
 * `IfExists`, and nothing else. See the IAM User Guide, "Condition operators" and "Set operators for multivalued context keys".
 *
 * @throws Error if the operator is not known here
 */
export function operatorOf(name: string): Operator {
  if (name === "Null") return isNull;
  const [, set, plain = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? [];
  const negated = NEGATIONS[plain] !== undefined;
  const comparison = COMPARISONS[NEGATIONS[plain] ?? plain];
  if (!comparison) throw new Error(`the condition operator ${name} is not known here`);
  const satisfies = (wanted: readonly string[], value: string) =>
    wanted.some((one) => comparison(one, value)) !== negated;
  return (wanted, given = []) => {
    if (given.length === 0) return set === "ForAllValues" || ifExists !== undefined || (negated && set === undefined);
    const every = set === "ForAllValues" || (negated && set === undefined);
    return every ? given.every((value) => satisfies(wanted, value)) : given.some((value) => satisfies(wanted, value));
  };
}

/** `true` asks for the key's absence, `false` for its presence; an empty set counts as absent. */
const isNull: Operator = (wanted, given = []) => wanted.includes(String(given.length === 0));
