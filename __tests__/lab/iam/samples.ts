/** Calls of every kind, and what the lab takes them to need, in an AWS that has one of everything. */
import { AwsError } from "../../../lab/aws/aws-error";
import type { Aws } from "../../../lab/aws/handler";
import { emptyRegion } from "../../../lab/aws/state";
import type { Tags } from "../../../lab/iam/context";
import type { Demand } from "../../../lab/iam/demand";
import { demandsOf } from "../../../lab/iam/demands";
import { OF_VERSIONS, ON_BUCKETS } from "../../../lab/iam/s3/actions";

export const BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";
const region = "eu-west-1";

/** An ARN of the one region and account. */
export const arnOf = (service: string, resource: string) => `arn:aws:${service}:${region}:123456789012:${resource}`;

/** The ARN of a role, which may have a path. */
export const roleArnOf = (name: string, path = "/") => `arn:aws:iam::123456789012:role${path}${name}`;

/** The ARN of a managed policy of the one account. */
export const policyArnOf = (name: string) => `arn:aws:iam::123456789012:policy/${name}`;

interface SampleAws {
  /** Tags of whatever is there. @default - `cache` = `ci` */
  readonly tags?: Tags;
  /** Path of every role and instance profile. @default / */
  readonly path?: string;
  readonly partition?: string;
}

/** Whatever a call names is there, unless it is called `gone`. Roles have the boundary; an instance profile has the role of its name. */
export function sampleAws({ tags = { cache: "ci" }, path = "/", partition = "aws" }: SampleAws = {}): Aws {
  const listed = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const state = emptyRegion();
  Object.assign(state.dlmPolicies, { "policy-1": { Tags: tags } });
  Object.assign(state.budgets, { b: { tags: listed } });
  Object.assign(state.buildProjects, { p: { tags: listed } });
  Object.assign(state.recycleBinRules, { "rule-1": { Tags: listed } });
  const template = { id: "lt-1", versions: [{ LaunchTemplateData: {}, VersionNumber: 1 }] };
  Object.assign(state.launchTemplates, { "lt-1": template });
  const roleOf = (name = "") => ({
    Arn: roleArnOf(name, path),
    RoleName: name,
    PermissionsBoundary: { PermissionsBoundaryArn: BOUNDARY },
  });
  type Input = Readonly<Record<string, string>>;
  const policy = { Statement: [] };
  const answers: Readonly<Record<string, (input: Input) => object>> = {
    DescribeTags: () => ({ Tags: listed }),
    GetInstanceProfile: ({ InstanceProfileName: name = "" }) => ({
      InstanceProfile: { Arn: roleArnOf(name, path).replace(":role", ":instance-profile"), Roles: [roleOf(name)] },
    }),
    GetBucketEncryption: () => ({ ServerSideEncryptionConfiguration: { Rules: [] } }),
    GetBucketPolicy: () => ({ Policy: JSON.stringify(policy) }),
    GetObjectTagging: () => ({ TagSet: listed }),
    ListTagsForResource: () => ({ tags: listed }),
    GetRole: ({ RoleName }) => ({ Role: roleOf(RoleName) }),
  };
  const moto = async ({ action }: { readonly action: string }, input: Input) => {
    if (Object.values(input).includes("gone")) throw new AwsError("NoSuchEntity", "gone", 404);
    return answers[action]?.(input);
  };
  return { accountId: "123456789012", partition, state: () => state, moto } as unknown as Aws;
}

/** Operations of S3 by their actions, if those are called otherwise. Of several with one action, the last. */
const OF_S3: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(ON_BUCKETS).map(([operation, action]) => [action, operation])),
  ...Object.fromEntries(Object.entries(OF_VERSIONS).map(([operation, action]) => [action, operation])),
};

/** What a call needs; empty if that is not known. */
export async function demandsFor(action: string, input: object, aws = sampleAws()): Promise<readonly Demand[]> {
  const [service = "", name = ""] = action
    .replace(/^cloudwatch:/, "monitoring:")
    .replace("lambda:InvokeFunction", "lambda:Invoke")
    .replace("budgets:ViewBudget", "budgets:DescribeBudget")
    .replace("budgets:ModifyBudget", "budgets:CreateBudget")
    .split(":");
  const operation = (service === "s3" && OF_S3[name]) || name;
  const call = { service, action: operation, region, accessKeyId: "k", input: input as Record<string, unknown> };
  return (await demandsOf({ aws, call })) ?? [];
}

/** Actions that write tags to what there is or will be. */
const TAGGING = [
  /:(?:AddTags|CreateTags|Tag)/,
  /^(?:dlm|iam|lambda|logs|rbin|sns|sqs):Create(?!Alias|LogStream|PolicyVersion)/,
  /^(?:codebuild:(?:Create|Update)Project|ecr:CreateRepository)$/,
  /^(?:cloudwatch:PutMetricAlarm|events:PutRule|scheduler:CreateScheduleGroup|ssm:PutParameter)$/,
];
const TYPES = ["instance", "launch-template", "security-group", "snapshot", "volume"];

/** The input of a call that names all of this, and gives tags wherever it can. */
export function taggingInput(action: string, input: object, tags: Tags): object {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  if (action.startsWith("ec2:") && !/:(?:Create|Delete)Tags$/.test(action))
    return { ...input, TagSpecifications: TYPES.map((ResourceType) => ({ ResourceType, Tags })) };
  return TAGGING.some((one) => one.test(action)) ? { ...input, Tags } : input;
}
