/**
 * IAM's evaluation of policies, as far as the policies here go: actions, resources, conditions, deny before allow. What is not known here (an
 * element, an operator, a policy variable) is an error, so that no policy is half understood.
 */
import { operatorOf } from "./operators";
import { matches } from "./wildcards";

export type OneOrMore = string | readonly string[];

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, OneOrMore>>;
  readonly Action: OneOrMore;
  /** Trust policies have none. */
  readonly Resource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

export interface Policy {
  readonly Version?: string;
  readonly Statement: readonly Statement[];
}

/** Returns the values of a condition key in a request, or undefined if it has none. May throw if the key is not known. */
export type ReadKey = (key: string) => readonly string[] | undefined;

/** A question to decide. */
export interface Question {
  /** `service:Action`. */
  readonly action: string;
  /** Undefined for an assumption of a role: the trust policy belongs to the role. */
  readonly resource?: string;
  readonly read: ReadKey;
}

const KNOWN_ELEMENTS = new Set(["Sid", "Effect", "Principal", "Action", "Resource", "Condition"]);

export const listed = (value: OneOrMore): readonly string[] => (typeof value === "string" ? [value] : value);

/** A policy from its document. @throws if it has an element that is not known here */
export function parsePolicy(document: string): Policy {
  const { Version, Statement } = JSON.parse(document) as { Version?: string; Statement: Statement | Statement[] };
  const statements = [Statement].flat();
  for (const statement of statements) {
    const unknown = Object.keys(statement).find((element) => !KNOWN_ELEMENTS.has(element));
    if (unknown) throw new Error(`the policy element ${unknown} is not known here: ${JSON.stringify(statement)}`);
  }
  return { Version, Statement: statements };
}

/** True if a statement names an action, regardless of its resources and conditions. */
export function names(statement: Statement, action: string): boolean {
  return listed(statement.Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
}

function holds(condition: Statement["Condition"] = {}, read: ReadKey): boolean {
  return Object.entries(condition).every(([name, keys]) => {
    const operator = operatorOf(name);
    return Object.entries(keys).every(([key, wanted]) => operator(listed(wanted).map(literal), read(key)));
  });
}

function literal(text: string): string {
  if (text.includes("${")) throw new Error(`policy variables are not known here: ${text}`);
  return text;
}

/** True if a statement applies to the question. */
export function applies(statement: Statement, { action, resource, read }: Question): boolean {
  if (!names(statement, action)) return false;
  const patterns = statement.Resource === undefined ? undefined : listed(statement.Resource).map(literal);
  if (resource !== undefined && !patterns?.some((pattern) => matches(pattern, resource))) return false;
  return holds(statement.Condition, read);
}

/** True if policies together allow: an explicit denial ends it; without an explicit permission it is denied, too. */
export function isAllowed(policies: readonly Policy[], question: Question): boolean {
  const applying = policies.flatMap(({ Statement }) => Statement).filter((statement) => applies(statement, question));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === "Allow");
}
