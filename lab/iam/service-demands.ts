/** Resources of calls of other services than EC2 and IAM, by the Service Authorization Reference. */
import type { Tags } from "./context";
import { type Asked, arnOf, tagsFrom } from "./demand";
import { ECR_RESOURCES, repositoryTags } from "./ecr-demands";
import { byName, forEach, type Input, type Resources, texts } from "./input";

const onAnything: Resources = () => ["*"];
const arnIn: Resources = (_, input) => texts(input.ResourceArn, input.ResourceARN, input.resourceArn, input.Resource);
const TAGS = ["ListTagsForResource", "TagResource", "UntagResource"];

/** Operations of Budgets, which IAM knows as two actions. */
const VIEW_BUDGET = [
  ...["DescribeBudget", "DescribeBudgets", "DescribeNotificationsForBudget", "DescribeSubscribersForNotification"],
];
const MODIFY_BUDGET = [
  ...["CreateBudget", "CreateNotification", "CreateSubscriber", "DeleteBudget", "DeleteNotification"],
  ...["DeleteSubscriber", "UpdateBudget", "UpdateNotification", "UpdateSubscriber"],
];
const ON_PROJECTS = [
  ...["BatchGetProjects", "CreateProject", "DeleteProject", "ListBuildsForProject", "StartBuild", "UpdateProject"],
];
const ON_FUNCTIONS = [
  ...["AddPermission", "CreateAlias", "CreateFunction", "DeleteAlias", "DeleteFunction", "DeleteFunctionConcurrency"],
  ...["DeleteFunctionEventInvokeConfig", "GetAlias", "GetFunction", "GetFunctionCodeSigningConfig"],
  ...["GetFunctionConfiguration", "GetFunctionEventInvokeConfig", "GetPolicy", "Invoke", "ListVersionsByFunction"],
  ...["PutFunctionConcurrency", "PutFunctionEventInvokeConfig", "RemovePermission", "UpdateAlias"],
  ...["UpdateFunctionCode", "UpdateFunctionConfiguration"],
];
const ON_MAPPINGS = ["DeleteEventSourceMapping", "GetEventSourceMapping", "UpdateEventSourceMapping"];
const ON_RULES = ["DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "PutRule"];
const ON_GROUPS = [
  ...["AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "DisassociateKmsKey", "PutRetentionPolicy"],
];
const ON_PARAMETERS = [
  ...["DeleteParameter", "DeleteParameters", "GetParameter", "GetParameterHistory", "GetParameters"],
  ...["GetParametersByPath", "PutParameter"],
];
const ON_QUEUES = [
  ...["CreateQueue", "DeleteMessage", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl", "ListQueueTags"],
  ...["ReceiveMessage", "SendMessage", "SetQueueAttributes", "TagQueue", "UntagQueue"],
];
const ON_SUBSCRIPTIONS = ["GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"];
const ON_TOPICS = ["CreateTopic", "DeleteTopic", "GetTopicAttributes", "SetTopicAttributes", "Subscribe"];

/** By `service:Action`, with the service as requests are signed for it. */
export const SERVICE_RESOURCES: Readonly<Record<string, Resources>> = {
  "autoscaling:DescribeAutoScalingGroups": onAnything,
  ...forEach("budgets", TAGS, arnIn),
  ...forEach("budgets", [...VIEW_BUDGET, ...MODIFY_BUDGET], budgets),
  ...forEach(
    "codebuild",
    ON_PROJECTS,
    byName("codebuild", ({ name, names, projectName }) => texts(name, names, projectName), "project/"),
  ),
  // A build's id begins with its project's name.
  ...forEach(
    "codebuild",
    ["BatchGetBuilds", "StopBuild"],
    byName(
      "codebuild",
      ({ id, ids }) => texts(id, ids).map((build) => build.replace(/^.*build\//, "").split(":")[0]),
      "project/",
    ),
  ),
  ...forEach("codebuild", ["ListBuilds", "ListProjects"], onAnything),
  ...ECR_RESOURCES,
  ...forEach("dlm", TAGS, arnIn),
  "dlm:CreateLifecyclePolicy": onAnything,
  ...forEach(
    "dlm",
    ["DeleteLifecyclePolicy", "GetLifecyclePolicy", "UpdateLifecyclePolicy"],
    byName("dlm", ({ PolicyId }) => PolicyId, "policy/"),
  ),
  ...forEach("events", TAGS, arnIn),
  ...forEach(
    "events",
    ON_RULES,
    byName("events", ({ Name }) => Name, "rule/"),
  ),
  ...forEach(
    "events",
    ["ListTargetsByRule", "PutTargets", "RemoveTargets"],
    byName("events", ({ Rule }) => Rule, "rule/"),
  ),
  ...forEach(
    "kms",
    ["CreateGrant", "DescribeKey", "RetireGrant"],
    byName("kms", ({ KeyId }) => KeyId, "key/"),
  ),
  ...forEach("lambda", ["ListTags", "TagResource", "UntagResource"], (_, { Resource }) => texts(Resource)),
  ...forEach("lambda", ON_FUNCTIONS, functions),
  "lambda:CreateEventSourceMapping": onAnything,
  ...forEach(
    "lambda",
    ON_MAPPINGS,
    byName("lambda", ({ UUID }) => UUID, "event-source-mapping:"),
  ),
  ...forEach("logs", TAGS, arnIn),
  ...forEach(
    "logs",
    ON_GROUPS,
    byName("logs", ({ logGroupName }) => logGroupName, "log-group:"),
  ),
  "logs:DescribeLogGroups": onAnything,
  // Policies of the account's log groups, which IAM knows no resource for.
  ...forEach("logs", ["DeleteResourcePolicy", "DescribeResourcePolicies", "PutResourcePolicy"], onAnything),
  ...forEach("logs", ["CreateLogStream", "GetLogEvents", "PutLogEvents"], logStream),
  ...forEach("monitoring", TAGS, arnIn),
  "monitoring:DeleteAlarms": byName("cloudwatch", ({ AlarmNames }) => AlarmNames, "alarm:"),
  // Whatever alarms it names.
  "monitoring:DescribeAlarms": byName("cloudwatch", () => "*", "alarm:"),
  "monitoring:PutMetricAlarm": byName("cloudwatch", ({ AlarmName }) => AlarmName, "alarm:"),
  "monitoring:PutMetricData": onAnything,
  ...forEach("monitoring", ["DeleteDashboards", "GetDashboard", "PutDashboard"], dashboards),
  ...forEach("rbin", TAGS, arnIn),
  "rbin:CreateRule": byName("rbin", () => "*", "rule/"),
  ...forEach(
    "rbin",
    ["DeleteRule", "GetRule", "UpdateRule"],
    byName("rbin", ({ Identifier }) => Identifier, "rule/"),
  ),
  ...forEach("scheduler", TAGS, arnIn),
  ...forEach("scheduler", ["CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule"], schedule),
  ...forEach(
    "scheduler",
    ["CreateScheduleGroup", "DeleteScheduleGroup", "GetScheduleGroup"],
    byName("scheduler", ({ Name }) => Name, "schedule-group/"),
  ),
  "secretsmanager:ListSecrets": onAnything,
  "secretsmanager:GetSecretValue": (asked, { SecretId }) => [secret(asked, String(SecretId))],
  ...forEach("sns", TAGS, arnIn),
  ...forEach(
    "sns",
    ON_TOPICS,
    byName("sns", ({ Name, TopicArn }) => [Name, TopicArn]),
  ),
  // A subscription's ARN is its topic's with an id.
  ...forEach("sns", ON_SUBSCRIPTIONS, (_, { SubscriptionArn }) => [
    String(SubscriptionArn).split(":").slice(0, 6).join(":"),
  ]),
  ...forEach(
    "sqs",
    ON_QUEUES,
    byName("sqs", ({ QueueName, QueueUrl }) => [QueueName, texts(QueueUrl).map((url) => url.split("/").pop())].flat()),
  ),
  ...forEach("ssm", ON_PARAMETERS, parameters),
  ...forEach("ssm", ["AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource"], parameters),
  "ssm:DescribeParameters": onAnything,
};

/** Actions of Budgets by operation. */
export const BUDGET_ACTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(VIEW_BUDGET.map((operation) => [`budgets:${operation}`, "budgets:ViewBudget"])),
  ...Object.fromEntries(MODIFY_BUDGET.map((operation) => [`budgets:${operation}`, "budgets:ModifyBudget"])),
};

/** Tags of the resources whose tags policies look at; none if they are not there. */
export async function serviceTagsOf(asked: Asked, arn: string): Promise<Tags> {
  const { aws, call } = asked;
  if (call.service === "ecr") return repositoryTags(asked, arn);
  const state = aws.state(call.region);
  const id = arn.split("/").pop() ?? "";
  if (call.service === "dlm") return state.dlmPolicies[id]?.Tags ?? {};
  if (call.service === "budgets") return tagsFrom(aws.state("us-east-1").budgets[arn.split(":budget/")[1] ?? ""]?.tags);
  if (call.service === "codebuild") return tagsFrom(state.buildProjects[id]?.tags);
  return call.service === "rbin" ? tagsFrom(state.recycleBinRules[id]?.Tags) : {};
}

/** A function by name or ARN; with a qualifier, its alias or version. */
function functions(asked: Asked, { FunctionName, Qualifier }: Input): string[] {
  return texts(FunctionName)
    .map((name) => (name.startsWith("arn:") ? name : arnOf(asked, "lambda", `function:${name}`)))
    .map((arn) => [arn, ...texts(Qualifier)].join(":"));
}

/** The function of an event source mapping, which its calls are judged by; undefined of other calls. */
export function mappedFunction(asked: Asked): string | undefined {
  const { aws, call } = asked;
  if (call.service !== "lambda" || !call.action.endsWith("EventSourceMapping")) return undefined;
  const known = aws.state(call.region).eventSourceMappings[String(call.input.UUID)]?.FunctionArn;
  return known ?? functions(asked, call.input)[0];
}

/** A budget by name, which may be within what the call gives; without one, all of them. */
function budgets(asked: Asked, { BudgetName, Budget, NewBudget }: Input): string[] {
  const within = [Budget, NewBudget].map((one) => (one as { readonly BudgetName?: string } | undefined)?.BudgetName);
  const [name = "*"] = texts(BudgetName, within);
  return [arnOf(asked, "budgets", `budget/${name}`, { region: "" })];
}

function logStream(asked: Asked, { logGroupName, logStreamName }: Input): string[] {
  return [arnOf(asked, "logs", `log-group:${logGroupName}:log-stream:${logStreamName}`)];
}

function dashboards(asked: Asked, { DashboardName, DashboardNames }: Input): string[] {
  return texts(DashboardName, DashboardNames).map((name) =>
    arnOf(asked, "cloudwatch", `dashboard/${name}`, { region: "" }),
  );
}

function schedule(asked: Asked, { GroupName = "default", Name }: Input): string[] {
  return [arnOf(asked, "scheduler", `schedule/${GroupName}/${Name}`)];
}

function parameters(asked: Asked, { Name, Names, Path, ResourceId }: Input): string[] {
  return texts(Name, Names, Path, ResourceId).map((name) => parameter(asked, name));
}

/** A parameter by name, with a version or label or without, or by ARN; those of AWS's own have no account. */
function parameter(asked: Asked, name: string): string {
  if (name.startsWith("arn:")) return name;
  const text = name.split(":")[0] ?? "";
  const path = text.startsWith("/") ? text : `/${text}`;
  return arnOf(asked, "ssm", `parameter${path}`, { account: path.startsWith("/aws/") ? "" : undefined });
}

/** A secret by name or ARN. The six random characters that end the ARN are not known from the name: any stand for them. */
function secret(asked: Asked, id: string): string {
  return id.startsWith("arn:") ? id : arnOf(asked, "secretsmanager", `secret:${id}-??????`);
}
