/** The roles as docs/security.md shows them, from what is synthesized. */
import { TAG } from "../../lib/contract";
import { CACHE, REGION, type StackJson } from "./everything";

interface Condition {
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[] | string;
  readonly condition?: readonly Condition[];
  readonly principals?: readonly { readonly identifiers: readonly string[] }[];
}

type OneOrMore<T> = T | readonly T[];
const listed = <T>(value: OneOrMore<T> | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Statements of a policy document, those that Terraform decides on included. */
function statementsOf(document: Readonly<Record<string, unknown>>): Statement[] {
  const dynamic = (document.dynamic as { statement?: OneOrMore<{ content: Statement }> } | undefined)?.statement;
  return [
    ...listed(document.statement as OneOrMore<Statement> | undefined),
    ...listed(dynamic).map(({ content }) => content),
  ];
}

/** Returns text that stands for every cache, architecture and region. */
function general(text: string): string {
  return text
    .replaceAll(`${CACHE}_x86_64_`, "")
    .replaceAll(/\$\{data\.aws_service_principal\.(\w+)\.name\}/g, "$1")
    .replaceAll("${data.aws_region.current.id}", "<region>")
    .replaceAll("${data.aws_caller_identity.current.account_id}", "<account>")
    .replaceAll("${data.aws_partition.current.partition}", "<partition>")
    .replaceAll("${data.aws_partition.current.dns_suffix}", "<suffix>")
    .replaceAll(`-${CACHE}-x86_64-`, "-<name>-<architecture>-")
    .replaceAll(`${CACHE}/x86_64`, "<name>/<architecture>")
    .replaceAll(REGION, "<region>");
}

/** The end of an ARN, or the Terraform resource whose ARN it is. */
function resource(arn: string): string {
  if (arn === "*") return "anything";
  if (/^arn:[^:]*:kms:/.test(arn)) return "the key";
  const end = general(arn)
    .replace(/^arn:[^:]+:[^:]+:[^:]*:[^:]*:/, "")
    .replace(/^\$\{([\w.]+)\.arn\}(:\*)?$/, "$1")
    .replace(/\$\{trimprefix\(statement\.value, "\/"\)\}/, "<image parameter>")
    .replace(/^\$\{local\.ecr_repositories\}$/, "repositories of the list");
  return `\`${end}\``;
}

const OURS: readonly string[] = [TAG.name, TAG.architecture];

/** Words for a condition on keys: the keys that it names are the only ones, or are ruled out. */
const bound = ({ test }: Condition) => (test.endsWith("NotEquals") ? "none of the tags" : "no tags but");

/** The condition on tags and keys in few words. */
function conditions(all: readonly Condition[]): string {
  const tagsOf = (prefix: string) => all.filter(({ variable }) => variable.startsWith(prefix));
  const words = (prefix: string, ours: string, role: string) => [
    ...(OURS.every((tag) => tagsOf(prefix).some(({ variable }) => variable === prefix + tag)) ? [ours] : []),
    ...tagsOf(prefix)
      .filter(({ variable }) => !OURS.includes(variable.slice(prefix.length)))
      .map(
        ({ variable, values }) => `${role} \`${variable.slice(prefix.length)}\` = \`${general(values.join(", "))}\``,
      ),
  ];
  const others = all.filter(({ variable }) => !/^aws:(Resource|Request)Tag\/|^aws:TagKeys$/.test(variable));
  const keys = all.find(({ test, variable }) => variable === "aws:TagKeys" && test !== "Null");
  return [
    ...words("aws:ResourceTag/", "of this cache", "tagged"),
    ...words("aws:RequestTag/", "tagged as of this cache", "giving"),
    ...(keys ? [`${bound(keys)} ${keys.values.map((value) => `\`${value}\``).join(", ")}`] : []),
    ...others.map(({ variable, values }) => `\`${variable}\` = ${values.map(resource).join(", ")}`),
  ].join("; ");
}

function row({ sid, actions, resources, condition }: Statement): string {
  const on = [...new Set(listed<string>(resources).map(resource))].join(", ");
  return `| ${sid} | ${actions.map((action) => `\`${action}\``).join(", ")} | ${on} | ${conditions(listed(condition))} |`;
}

function document(stack: StackJson, reference: unknown): Statement[] {
  const name = /data\.aws_iam_policy_document\.(\w+)\.json/.exec(String(reference))?.[1] ?? "";
  return statementsOf(stack.data.aws_iam_policy_document?.[name] ?? {});
}

function section(stack: StackJson, id: string): string {
  const role = stack.resource.aws_iam_role?.[id] ?? {};
  const policy = stack.resource.aws_iam_role_policy?.[id];
  const [trust] = document(stack, role.assume_role_policy);
  const service = general(trust?.principals?.[0]?.identifiers[0] ?? "");
  const only = conditions(listed(trust?.condition));
  const rows = policy ? document(stack, policy.policy).map(row) : [];
  return [
    `### \`${general(String(role.name))}\``,
    "",
    `Assumed by \`${service}\`${only && `, only if ${only}`}.`,
    "",
    "| statement | actions | on | only if |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** Roles of the building region, one section each, in the order of the stacks. */
export function renderRoles(stacks: readonly StackJson[]): string {
  return stacks
    .filter(({ name }) => name.endsWith(REGION))
    .flatMap((stack) => Object.keys(stack.resource.aws_iam_role ?? {}).map((id) => section(stack, id)))
    .join("\n\n");
}
