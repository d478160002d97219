/** Demands of a call, by service: what each asks IAM. */
import type { Asked, Demand } from "./demand";
import { EC2_ACTIONS, ec2Demands } from "./ec2-demands";
import { linkedRoleDemands, repositoryKeyDemands, templateDemands } from "./ecr-demands";
import { IDENTITY_RESOURCES, identityKeys } from "./identity-demands";
import { requestTagsOf } from "./input";
import { passedRoles } from "./pass-role";
import { ON_BUCKETS, ON_OBJECTS, S3_ACTIONS } from "./s3/actions";
import { s3Demands } from "./s3/demands";
import { BUDGET_ACTIONS, mappedFunction, SERVICE_RESOURCES, serviceTagsOf } from "./service-demands";

/** Calls of other services than EC2: the resources that they need. */
const RESOURCES = { ...IDENTITY_RESOURCES, ...SERVICE_RESOURCES };

/** Calls that make something with tags take this action of the same service, too, if they give any. */
const TAGS_AT_CREATION: Readonly<Record<string, string>> = {
  "budgets:CreateBudget": "TagResource",
  "dlm:CreateLifecyclePolicy": "TagResource",
  "ecr:CreateRepository": "TagResource",
  "events:PutRule": "TagResource",
  "iam:CreateInstanceProfile": "TagInstanceProfile",
  "iam:CreatePolicy": "TagPolicy",
  "iam:CreateRole": "TagRole",
  "lambda:CreateEventSourceMapping": "TagResource",
  "lambda:CreateFunction": "TagResource",
  "logs:CreateLogGroup": "TagResource",
  "monitoring:PutMetricAlarm": "TagResource",
  "rbin:CreateRule": "TagResource",
  "scheduler:CreateScheduleGroup": "TagResource",
  "sns:CreateTopic": "TagResource",
  "sqs:CreateQueue": "TagQueue",
  "ssm:PutParameter": "AddTagsToResource",
};

/** Services whose actions IAM knows by another name than requests are signed for. */
const IAM_NAMES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };
/** Operations that IAM knows by another name. */
const IAM_ACTIONS: Readonly<Record<string, string>> = {
  ...BUDGET_ACTIONS,
  ...Object.fromEntries(Object.entries(ON_BUCKETS).map(([operation, action]) => [`s3:${operation}`, `s3:${action}`])),
  ...Object.fromEntries(Object.entries(ON_OBJECTS).map(([operation, [own]]) => [`s3:${operation}`, `s3:${own}`])),
  "s3:DeleteObjects": "s3:DeleteObject",
  "lambda:Invoke": "lambda:InvokeFunction",
};

/** Calls that nobody needs a permission for. */
const FREE = new Set(["sts:GetCallerIdentity"]);

/** `service:Action` as policies write it. */
export function iamAction({ service, action }: { readonly service: string; readonly action: string }): string {
  const name = `${IAM_NAMES[service] ?? service}:${action}`;
  return IAM_ACTIONS[name] ?? name;
}

/**
 * Actions whose demands are known, as policies write them; those of EC2 that only read are not listed.
 *
 * @public for the test that holds each against AWS's Service Authorization Reference.
 */
export const KNOWN_ACTIONS: readonly string[] = [
  ...EC2_ACTIONS,
  ...S3_ACTIONS,
  ...Object.keys(RESOURCES).map((key) => {
    const [service = "", action = ""] = key.split(":");
    return iamAction({ service, action });
  }),
  ...new Set(
    Object.keys(RESOURCES).map((key) => {
      const [service = "", action = ""] = key.split(":");
      return iamAction({ service, action });
    }),
  ),
];

/** Returns the permissions that a call needs, or undefined if they are not known here. */
export async function demandsOf(asked: Asked): Promise<readonly Demand[] | undefined> {
  const { service, action, input } = asked.call;
  if (FREE.has(`${service}:${action}`)) return [];
  if (service === "ec2") return ec2Demands(asked);
  if (service === "s3") return s3Demands(asked);
  const resources = await RESOURCES[`${service}:${action}`]?.(asked, input);
  if (!resources) return undefined;
  const keys = {
    "cloudwatch:namespace": typeof input.Namespace === "string" ? input.Namespace : undefined,
    "lambda:FunctionArn": mappedFunction(asked),
    ...(await identityKeys(asked)),
  };
  const own = resources.map(async (resource) => ({
    action: iamAction(asked.call),
    resource,
    resourceTags: await serviceTagsOf(asked, resource),
    requestTags: requestTagsOf(input),
    keys,
  }));
  const others = [
    ...tagging(asked, resources),
    ...templateDemands(asked),
    ...linkedRoleDemands(asked),
    ...repositoryKeyDemands(asked),
  ];
  return [...(await Promise.all(own)), ...others, ...(await passedRoles(asked))];
}

/** What the tags of a new resource take. */
function tagging(asked: Asked, resources: readonly string[]): Demand[] {
  const { service, action, input, region } = asked.call;
  const tag = TAGS_AT_CREATION[`${service}:${action}`];
  const requestTags = requestTagsOf(input);
  if (!tag || Object.keys(requestTags).length === 0) return [];
  // DLM's policies and Lambda's mappings: there is no resource for the creation, but one for the tags.
  const account = asked.aws.accountId;
  const kind = service === "dlm" ? "policy/*" : "event-source-mapping:*";
  const any = `arn:${asked.aws.partition}:${service}:${region}:${account}:${kind}`;
  return resources.map((resource) => ({
    action: iamAction({ service, action: tag }),
    resource: resource === "*" ? any : resource,
    requestTags,
  }));
}
