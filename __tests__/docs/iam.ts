/** As much of IAM's evaluation as the policies in docs/policies use; anything else is an error, so that no policy is half understood. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./pages";

type OneOrMore = string | readonly string[];

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: OneOrMore;
  readonly Resource: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** Condition keys of a call; a key that is missing is not in the request. */
export type Context = Readonly<Record<string, OneOrMore>>;

export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Context;
}

export const listed = (value: OneOrMore): readonly string[] => (typeof value === "string" ? [value] : value);

/** `*` any characters, `?` one. */
export function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(text);
}

type Operator = (wanted: readonly string[], given: readonly string[] | undefined) => boolean;

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (wanted, given = []) => given.some((value) => wanted.includes(value)),
  Bool: (wanted, given = []) => given.some((value) => wanted.includes(value)),
  "ForAllValues:StringEquals": (wanted, given = []) => given.every((value) => wanted.includes(value)),
  "ForAnyValue:StringEquals": (wanted, given = []) => given.some((value) => wanted.includes(value)),
  ArnNotLike: (wanted, given = []) => !given.some((value) => wanted.some((pattern) => matches(pattern, value))),
  Null: (wanted, given) => wanted.includes(String(given === undefined)),
};

function holds(condition: Statement["Condition"] = {}, context: Context = {}): boolean {
  return Object.entries(condition).every(([name, keys]) => {
    const operator = OPERATORS[name];
    if (operator === undefined) throw new Error(`no operator ${name} here`);
    return Object.entries(keys).every(([key, wanted]) =>
      operator(listed(wanted), context[key] === undefined ? undefined : listed(context[key])),
    );
  });
}

/** Ids of the statements that apply to a call. */
export function applying(policy: Policy, effect: Statement["Effect"], { action, resource, context }: Call): string[] {
  return policy.Statement.filter(
    (statement) =>
      statement.Effect === effect &&
      listed(statement.Action).includes(action) &&
      listed(statement.Resource).some((pattern) => matches(pattern, resource)) &&
      holds(statement.Condition, context),
  ).map((statement) => statement.Sid);
}

export function readPolicy(name: string): Policy {
  return JSON.parse(readFileSync(join(ROOT, "docs/policies", `${name}.json`), "utf8"));
}

/** Actions that a policy allows on anything at all. */
export function allowedActions(...policies: readonly Policy[]): Set<string> {
  const statements = policies.flatMap((policy) => policy.Statement).filter(({ Effect }) => Effect === "Allow");
  return new Set(statements.flatMap(({ Action }) => listed(Action)));
}
