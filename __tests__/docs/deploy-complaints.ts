/** Permissions that a noun's deployment takes, against what docs/policies/deploy-<noun>.json allows. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import type { StackJson } from "../../scripts/generate/everything";
import { DEPLOY_ACTIONS } from "./deploy-actions";
import { allowedActions, applying, type Call, type Policy, readPolicy } from "./iam";

/** Returns what is wrong or missing, in words that say what to do. Empty if nothing is. */
export function deployComplaints(noun: string, stacks: readonly StackJson[]): string[] {
  const own = stacks.filter(({ name }) => name.startsWith(`docker-cache-${noun}-`));
  if (own.length === 0) return [`${noun} has no stack: switch it on in its \`example\``];
  const types = [
    ...new Set(own.flatMap(({ resource = {}, data = {} }) => [...Object.keys(resource), ...Object.keys(data)])),
  ];
  const unknown = types
    .filter((type) => DEPLOY_ACTIONS[type] === undefined)
    .map((type) => `${type} is not in __tests__/docs/deploy-actions.ts: look up what the provider calls for it`);
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

/** ARNs of what a stack names that no statement is about. */
function unnamed({ resource = {} }: StackJson, policy: Policy): string[] {
  return Object.entries(NAMED)
    .flatMap(([type, { attribute, action, arn }]) =>
      Object.values(resource[type] ?? {}).map((block): Call => {
        const given = String(block[attribute]).replaceAll("${data.aws_region.current.id}", "eu-west-1");
        return { action, resource: `arn:aws:${arn(given.replaceAll("${each.key}", "0"))}` };
      }),
    )
    .filter((call) => applying(policy, "Allow", call).length === 0)
    .map((call) => call.resource);
}

interface Named {
  readonly attribute: string;
  readonly action: string;
  readonly arn: (name: string) => string;
}

/** Types whose names stand in the policies' patterns. */
const NAMED: Readonly<Record<string, Named>> = {
  aws_cloudwatch_dashboard: named(
    "cloudwatch:PutDashboard",
    (name) => `cloudwatch::1:dashboard/${name}`,
    "dashboard_name",
  ),
  aws_cloudwatch_event_rule: named("events:PutRule", (name) => `events:r:1:rule/${name}`),
  aws_cloudwatch_log_group: named("logs:CreateLogGroup", (name) => `logs:r:1:log-group:${name}`),
  aws_cloudwatch_metric_alarm: named(
    "cloudwatch:PutMetricAlarm",
    (name) => `cloudwatch:r:1:alarm:${name}`,
    "alarm_name",
  ),
  aws_iam_instance_profile: named("iam:CreateInstanceProfile", (name) => `iam::1:instance-profile/${name}`),
  aws_iam_role: named("iam:CreateRole", (name) => `iam::1:role/${name}`),
  aws_lambda_function: named("lambda:CreateFunction", (name) => `lambda:r:1:function:${name}`, "function_name"),
  aws_scheduler_schedule: named("scheduler:CreateSchedule", (name) => `scheduler:r:1:schedule/docker-cache-g/${name}`),
  aws_scheduler_schedule_group: named(
    "scheduler:CreateScheduleGroup",
    (name) => `scheduler:r:1:schedule-group/${name}`,
  ),
  aws_sns_topic: named("sns:CreateTopic", (name) => `sns:r:1:${name}`),
  aws_sqs_queue: named("sqs:CreateQueue", (name) => `sqs:r:1:${name}`),
  aws_ssm_parameter: named("ssm:PutParameter", (name) => `ssm:r:1:parameter${name}`),
};

function named(action: string, arn: Named["arn"], attribute = "name"): Named {
  return { attribute, action, arn };
}
