/** IAM policies as `aws_iam_policy_document`: they read well in a plan, scanners understand them, and the policy tests walk them. */
import { TAG } from "../../lib/contract";
import { type Construct, DataAwsIamPolicyDocument, type IResolvable, Token } from "../terraform/cdktf";
import { hcl } from "../terraform/expression";
import { attributeOf, isAbsent, isMaybe, itemsOf } from "../terraform/maybe";

export interface Condition {
  /** Operator, e.g. `StringEquals`. */
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

export interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  /** @default - the actions are allowed */
  readonly effect?: "Deny";
  /** Not in trust policies. */
  readonly resources?: readonly string[];
  /** Service that is allowed, in trust and resource policies. */
  readonly service?: string;
  /** In resource policies: the statement is about everybody. */
  readonly everybody?: true;
  readonly conditions?: readonly Condition[];
  /** In a module: one statement for each item of this list, which may turn out empty. */
  readonly forEach?: IResolvable;
}

/** Statements that are present only if `value` is given. */
export function whereGiven<T>(
  value: T | null | undefined,
  statements: (value: T) => readonly Statement[],
): Statement[] {
  if (isAbsent(value)) return [];
  if (!isMaybe(value)) return [...statements(value)];
  const given = Token.asString(hcl`statement.value`) as unknown as T;
  return statements(given).map((statement) => ({ ...statement, forEach: itemsOf(value) }));
}

/** Statements that are present only if the list or map has items. */
export function whereAny(
  items: readonly unknown[] | Readonly<Record<string, unknown>>,
  ...statements: readonly Statement[]
): Statement[] {
  if (!Token.isUnresolved(items)) return Object.keys(items).length === 0 ? [] : [...statements];
  return statements.map((statement) => ({ ...statement, forEach: hcl`length(${items}) > 0 ? [true] : []` }));
}

/** Statements that are present only if a value is this one; those that are present only now and then stay so. */
export function whereEqual(value: string, wanted: string, statements: readonly Statement[]): Statement[] {
  if (!Token.isUnresolved(value)) return value === wanted ? [...statements] : [];
  return statements.map((statement) => ({
    ...statement,
    forEach: hcl`${value} == ${wanted} ? ${statement.forEach ?? hcl`[true]`} : []`,
  }));
}

/** A statement as the provider's schema has it. */
function block(statement: Statement): Record<string, unknown> {
  const { sid, effect, actions, resources, service, everybody, conditions = [] } = statement;
  return {
    sid,
    ...(effect && { effect }),
    actions,
    ...(resources && { resources }),
    ...(service && { principals: [{ type: "Service", identifiers: [service] }] }),
    ...(everybody && { principals: [{ type: "*", identifiers: ["*"] }] }),
    ...(conditions.length > 0 && { condition: conditions.map((condition) => ({ ...condition })) }),
  };
}

/** Returns the JSON of a policy with these statements. `count` is that of the resource to which the policy belongs, if it has one. */
export function policyDocument(
  scope: Construct,
  id: string,
  statements: readonly Statement[],
  count?: number | undefined,
): string {
  const document = new DataAwsIamPolicyDocument(scope, id, { count });
  document.addOverride("statement", statements.filter(({ forEach }) => forEach === undefined).map(block));
  const dynamic = statements.flatMap((statement) =>
    statement.forEach === undefined ? [] : [{ for_each: statement.forEach, content: block(statement) }],
  );
  if (dynamic.length > 0) document.addOverride("dynamic.statement", dynamic.length === 1 ? dynamic[0] : dynamic);
  return attributeOf(document, "json");
}

export const equals = (variable: string, ...values: readonly string[]): Condition => ({
  test: "StringEquals",
  variable,
  values,
});

/** The resource bears these tags. */
export function tagged(tags: Readonly<Record<string, string>>): Condition[] {
  return Object.entries(tags).map(([key, value]) => equals(`aws:ResourceTag/${key}`, value));
}

/** The request gives these tags. */
export function tagging(tags: Readonly<Record<string, string>>): Condition[] {
  return Object.entries(tags).map(([key, value]) => equals(`aws:RequestTag/${key}`, value));
}

/** The request changes tags of these keys alone, and at least one: `ForAllValues` is also true of no key at all. */
export function onlyTagKeys(keys: readonly string[]): Condition[] {
  return [
    { test: "ForAllValues:StringEquals", variable: "aws:TagKeys", values: keys },
    { test: "Null", variable: "aws:TagKeys", values: ["false"] },
  ];
}

/** Tags by which everything of one cache and architecture is known. */
export function ownTags(props: { readonly name: string; readonly architecture: string }): Record<string, string> {
  return { [TAG.name]: props.name, [TAG.architecture]: props.architecture };
}
