/** The policies in docs/policies, judged as the lab judges the policies of roles. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applies, listed, type OneOrMore, type Policy, parsePolicy, type Statement } from "../../../lab/iam/policy";
import { ROOT } from "../../../lab/tools/project";

export { listed, type Policy, type Statement } from "../../../lab/iam/policy";

/** Condition keys of a call; a key that is missing is not in the request. */
export type Context = Readonly<Record<string, OneOrMore>>;

export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Context;
}

/** Ids of the statements that apply to a call. */
export function applying(policy: Policy, effect: Statement["Effect"], call: Call): string[] {
  const { action, resource, context = {} } = call;
  const read = (key: string) => (context[key] === undefined ? undefined : listed(context[key]));
  return policy.Statement.filter(
    (statement) => statement.Effect === effect && applies(statement, { action, resource, read }),
  ).map(({ Sid = "" }) => Sid);
}

export function readPolicy(name: string): Policy {
  return parsePolicy(readFileSync(join(ROOT, "docs/policies", `${name}.json`), "utf8"));
}

/** Actions that a policy allows on anything at all. */
export function allowedActions(...policies: readonly Policy[]): Set<string> {
  const statements = policies.flatMap((policy) => policy.Statement).filter(({ Effect }) => Effect === "Allow");
  return new Set(statements.flatMap(({ Action }) => listed(Action)));
}
