/** Permissions that a noun's deployment takes, against what docs/policies/deploy-<noun>.json allows. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../lab/tools/project";
import type { StackJson } from "../../../scripts/generate/everything";
import { filledIn, nameIn, regionOf } from "../../stacks/names";
import { DEPLOY_ACTIONS } from "./deploy-actions";
import { allowedActions, applying, type Call, type Policy, readPolicy } from "./iam";

/** Returns what is wrong or missing, in words that say what to do. Empty if nothing is. */
export function deployComplaints(noun: string, stacks: readonly StackJson[]): string[] {
  const own = stacks.filter(({ name }) => regionOf(noun, name) !== undefined);
  if (own.length === 0) return [`${noun} has no stack: switch it on in its \`example\``];
  const types = [
    ...new Set(own.flatMap(({ resource = {}, data = {} }) => [...Object.keys(resource), ...Object.keys(data)])),
  ];
  const unknown = [
    ...types
      .filter((type) => DEPLOY_ACTIONS[type] === undefined)
      .map(
        (type) => `${type} is not in __tests__/docs/policies/deploy-actions.ts: look up what the provider calls for it`,
      ),
    ...new Set(own.flatMap(unknownNames)),
  ];
  const file = `docs/policies/deploy-${noun}.json`;
  const needed = new Set(types.flatMap((type) => DEPLOY_ACTIONS[type] ?? []));
  if (!existsSync(join(ROOT, file)))
    return [...unknown, `${file} is not there: allow ${[...needed].sort().join(", ")}`];
  const policy = readPolicy(`deploy-${noun}`);
  const allowed = allowedActions(policy);
  return [
    ...unknown,
    ...[...needed].filter((action) => !allowed.has(action)).map((action) => `${file} lacks ${action}`),
    ...[...allowed]
      .filter((action) => !needed.has(action))
      .map((action) => `${file} allows ${action}, which nothing takes`),
    ...own.flatMap((stack) => unnamed(stack, policy)).map((resource) => `${file} has no pattern that fits ${resource}`),
  ];
}

/** Types of a stack that have names of which nothing is known, in words that say what to do. */
export function unknownNames({ resource = {} }: Pick<StackJson, "resource">): string[] {
  return Object.entries(resource)
    .filter(([type, blocks]) => Object.values(blocks).some((block) => nameIn(block) !== undefined) && !isKnown(type))
    .map(
      ([type]) => `${type} has a name: add it to NAMED, or to UNNAMED, in __tests__/docs/policies/deploy-complaints.ts`,
    );
}

function isKnown(type: string): boolean {
  return NAMED[type] !== undefined || UNNAMED.includes(type);
}

/** ARNs of what a stack names that no statement is about. */
export function unnamed({ resource = {} }: Pick<StackJson, "resource">, policy: Policy): string[] {
  return Object.entries(NAMED)
    .flatMap(([type, { action, arn }]) =>
      Object.values(resource[type] ?? {}).map((block): Call => {
        const given = filledIn(nameIn(block) ?? "", "eu-west-1").replaceAll("${each.key}", "0");
        return { action, resource: `arn:aws:${arn(given)}` };
      }),
    )
    .filter((call) => applying(policy, "Allow", call).length === 0)
    .map((call) => call.resource);
}

/** Types whose names stand in no pattern of a policy. */
const UNNAMED: readonly string[] = [
  // Part of its role: IAM judges actions on it by the role's ARN.
  "aws_iam_role_policy",
  // Parts of a function, whose name they repeat: IAM judges actions on them by the function's ARN.
  "aws_lambda_alias",
  "aws_lambda_event_source_mapping",
  "aws_lambda_function_event_invoke_config",
  "aws_lambda_permission",
  // Parts of a bucket: IAM judges actions on them by the bucket's ARN.
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_server_side_encryption_configuration",
  // EC2's ARNs have ids. The policies look at tags.
  "aws_launch_template",
  "aws_security_group",
];

interface Named {
  /** Action that creates one. */
  readonly action: string;
  /** Its ARN, after the partition. */
  readonly arn: (name: string) => string;
}

/** Types whose names stand in the policies' patterns. */
const NAMED: Readonly<Record<string, Named>> = {
  aws_budgets_budget: named("budgets:ModifyBudget", (name) => `budgets::1:budget/${name}`),
  aws_cloudwatch_dashboard: named("cloudwatch:PutDashboard", (name) => `cloudwatch::1:dashboard/${name}`),
  aws_cloudwatch_event_rule: named("events:PutRule", (name) => `events:r:1:rule/${name}`),
  aws_cloudwatch_log_group: named("logs:CreateLogGroup", (name) => `logs:r:1:log-group:${name}`),
  aws_cloudwatch_metric_alarm: named("cloudwatch:PutMetricAlarm", (name) => `cloudwatch:r:1:alarm:${name}`),
  aws_codebuild_project: named("codebuild:CreateProject", (name) => `codebuild:r:1:project/${name}`),
  aws_ecr_repository: named("ecr:CreateRepository", (name) => `ecr:r:1:repository/${name}`),
  aws_iam_instance_profile: named("iam:CreateInstanceProfile", (name) => `iam::1:instance-profile/${name}`),
  aws_iam_policy: named("iam:CreatePolicy", (name) => `iam::1:policy/${name}`),
  aws_iam_role: named("iam:CreateRole", (name) => `iam::1:role/${name}`),
  aws_lambda_function: named("lambda:CreateFunction", (name) => `lambda:r:1:function:${name}`),
  aws_s3_bucket: named("s3:CreateBucket", (name) => `s3:::${name}`),
  aws_scheduler_schedule: named("scheduler:CreateSchedule", (name) => `scheduler:r:1:schedule/docker-cache-g/${name}`),
  aws_scheduler_schedule_group: named(
    "scheduler:CreateScheduleGroup",
    (name) => `scheduler:r:1:schedule-group/${name}`,
  ),
  aws_sns_topic: named("sns:CreateTopic", (name) => `sns:r:1:${name}`),
  aws_sqs_queue: named("sqs:CreateQueue", (name) => `sqs:r:1:${name}`),
  aws_ssm_parameter: named("ssm:PutParameter", (name) => `ssm:r:1:parameter${name}`),
};

function named(action: string, arn: Named["arn"]): Named {
  return { action, arn };
}
