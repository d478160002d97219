/** Policies of buckets, as they concern a role of the same account. */
import { AwsError } from "../aws/aws-error";
import type { Aws } from "../aws/handler";
import { listed, type Policy, parsePolicy, type Statement } from "./policy";

/** The policy of a bucket; undefined if it has none, or is not there. */
export async function bucketPolicyOf(aws: Aws, region: string, Bucket: string): Promise<Policy | undefined> {
  try {
    const answer = await aws.moto<{ Policy: string }>({ service: "s3", action: "GetBucketPolicy", region }, { Bucket });
    return parsePolicy(answer.Policy);
  } catch (error) {
    const none = error instanceof AwsError && ["NoSuchBucket", "NoSuchBucketPolicy"].includes(error.code);
    if (none) return undefined;
    throw error;
  }
}

/**
 * The statements that name a role: by its ARN, or as everyone, or (denials alone) by its account. An account that is allowed something has to pass
 * it on by a policy of the role's own, so that such a statement allows nothing by itself.
 *
 * @throws Error if a principal is of a kind that is not known here
 */
export function statementsFor({ Statement }: Policy, role: string): Policy {
  return { Statement: Statement.filter((statement) => concerns(statement, role)) };
}

function concerns({ Principal, Effect }: Statement, role: string): boolean {
  if (Principal === "*") return true;
  const kinds = Object.entries(Principal ?? {});
  const strange = kinds.some(([kind]) => kind !== "AWS" && kind !== "Service");
  if (strange || kinds.length === 0) throw new Error(`the principal ${JSON.stringify(Principal)} is not known here`);
  const names = kinds.filter(([kind]) => kind === "AWS").flatMap(([, some]) => listed(some));
  return names.some((name) => isNamed(name, role, Effect));
}

function isNamed(name: string, role: string, effect: Statement["Effect"]): boolean {
  if (name === "*" || name === role) return true;
  const account = /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(name)?.[1];
  if (account !== undefined) return effect === "Deny" && role.split(":")[4] === account;
  if (/^arn:[^:]+:iam::\d{12}:(?:role|user)\/[^*]+$/.test(name)) return false;
  throw new Error(`the principal ${name} is not known here`);
}
