/** What the construct makes of an entry, as AWS gets it: policies of who builds, the bucket's own, and its life-cycle rules. */
import type { LifecycleRule } from "../../../lab/aws/s3-lifecycle";
import { parseConfig } from "../../../lib/config/load";
import { resolveConfig } from "../../../lib/config/resolve-config";
import { bucketName, repositories } from "../../../lib/layer-cache";
import { type Json, type StackJson, synthesize } from "../../stacks/synthesized";

export const REGION = "eu-west-1";
const ACCOUNT = "123456789012";

/** Name of the entry. */
export const ENTRY = "ci";
export const BUCKET = bucketName(ENTRY, ACCOUNT, REGION);
export const REPOSITORIES = repositories(ENTRY);

/** Where layers are. */
export type Backend = "s3" | "ecr";
/** Who builds. */
export type Role = "reader" | "branch_writer" | "writer";
export const ROLES: readonly Role[] = ["reader", "branch_writer", "writer"];

const stacks = new Map<string, StackJson>();

/** The stack of the entry with a backend. */
function stackOf(backend: Backend, kmsKeyArn?: string): StackJson {
  const id = `${backend} ${kmsKeyArn}`;
  const known = stacks.get(id);
  if (known) return known;
  const region = kmsKeyArn === undefined ? {} : { kms_key_arn: kmsKeyArn };
  // JSON is YAML.
  const text = JSON.stringify({ regions: { [REGION]: region }, layer_cache: { [ENTRY]: { backend } } });
  const parsed = parseConfig(text, "docker-cache.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const made = synthesize(resolveConfig(parsed.config))[`docker-cache-layer-cache-${REGION}`];
  if (!made) throw new Error("there is no stack of the layer cache");
  stacks.set(id, made);
  return made;
}

/** Terraform's expressions here are those of the place alone. @throws Error if there is another */
function inPlace(text: string): string {
  const values: Readonly<Record<string, string>> = {
    "data.aws_partition.current.partition": "aws",
    "data.aws_partition.current.dns_suffix": "amazonaws.com",
    "data.aws_caller_identity.current.account_id": ACCOUNT,
    "data.aws_region.current.id": REGION,
  };
  return text.replace(/\$\{([^}]*)\}/g, (whole, expression: string) => {
    const value = values[expression];
    if (value === undefined) throw new Error(`what is ${whole}?`);
    return value;
  });
}

function statementsOf(stack: StackJson, document: string): object[] {
  const found = stack.data.aws_iam_policy_document?.[`${ENTRY}_layer_cache_${document}`];
  if (!found) throw new Error(`there is no document ${document}`);
  const text = (words: readonly string[]) => words.map(inPlace);
  return found.statement.map(({ effect = "Allow", actions, resources, condition = [], principals, ...rest }: Json) => {
    if (Object.keys(rest).some((key) => key !== "sid")) throw new Error(`what is ${JSON.stringify(rest)}?`);
    const Condition: Record<string, Record<string, string[]>> = {};
    for (const { test, variable, values } of condition)
      Condition[test] = { ...Condition[test], [variable]: text(values) };
    return {
      Effect: effect,
      ...(principals && { Principal: "*" }),
      Action: actions,
      Resource: text(resources),
      ...(condition.length > 0 && { Condition }),
    };
  });
}

/** Statements of a role's policy. @param kmsKeyArn of the region; default: none */
export function policyOf(backend: Backend, role: Role, kmsKeyArn?: string): object[] {
  return statementsOf(stackOf(backend, kmsKeyArn), role);
}

/** The bucket's own policy. */
export function bucketPolicy(): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statementsOf(stackOf("s3"), "bucket") });
}

/** The bucket's life-cycle rules. */
export function emittedRules(): LifecycleRule[] {
  const made = stackOf("s3").resource.aws_s3_bucket_lifecycle_configuration?.[`${ENTRY}_layer_cache_layers`];
  return made.rule.map(
    ({ id, status, filter: [{ prefix }], expiration, abort_incomplete_multipart_upload: abort }: Json) => ({
      ID: id,
      Status: status,
      Filter: { Prefix: prefix },
      ...(expiration && { Expiration: { Days: expiration[0].days } }),
      ...(abort && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abort[0].days_after_initiation } }),
    }),
  );
}

/** The repositories' life-cycle policy, as ECR gets it. */
export function repositoryLifecycle(): string {
  const made = stackOf("ecr").resource.aws_ecr_lifecycle_policy?.[`${ENTRY}_layer_cache_default`];
  const text = /^\$\{jsonencode\((.*)\)\}$/.exec(made.policy)?.[1];
  if (text === undefined) throw new Error(`what is ${made.policy}?`);
  // HCL's object is JSON but for its keys.
  return text.replace(/(\w+) = /g, '"$1": ');
}
