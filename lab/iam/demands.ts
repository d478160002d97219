/** Demands of a call, by service: what each asks IAM. */
import { type Asked, arnOf, type Demand } from "./demand";
import { ec2Demands } from "./ec2-demands";

type Input = Readonly<Record<string, unknown>>;

/** Calls of other services than EC2: the resources that they need. */
const RESOURCES: Readonly<Record<string, (asked: Asked, input: Input) => string[]>> = {
  "autoscaling:DescribeAutoScalingGroups": () => ["*"],
  "ecr:GetAuthorizationToken": () => ["*"],
  "logs:CreateLogStream": logStream,
  "logs:PutLogEvents": logStream,
  "monitoring:PutMetricData": () => ["*"],
  "secretsmanager:GetSecretValue": (asked, { SecretId }) => [secret(asked, String(SecretId))],
  "sqs:SendMessage": (asked, { QueueUrl }) => [arnOf(asked, "sqs", String(QueueUrl).split("/").pop() ?? "")],
  "ssm:GetParameter": (asked, { Name }) => [parameter(asked, Name)],
  "ssm:GetParameterHistory": (asked, { Name }) => [parameter(asked, Name)],
  "ssm:GetParameters": (asked, { Names }) => [Names].flat().map((name) => parameter(asked, name)),
  "ssm:GetParametersByPath": (asked, { Path }) => [parameter(asked, Path)],
  "ssm:PutParameter": (asked, { Name }) => [parameter(asked, Name)],
};

/** Services whose actions IAM knows by another name than requests are signed for. */
const IAM_NAMES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** Calls that nobody needs a permission for. */
const FREE = new Set(["sts:GetCallerIdentity"]);

/** `service:Action` as policies write it. */
export function iamAction({ service, action }: { readonly service: string; readonly action: string }): string {
  return `${IAM_NAMES[service] ?? service}:${action}`;
}

/** Returns the permissions that a call needs, or undefined if they are not known here. */
export async function demandsOf(asked: Asked): Promise<readonly Demand[] | undefined> {
  const { service, action, input } = asked.call;
  if (FREE.has(`${service}:${action}`)) return [];
  if (service === "ec2") return ec2Demands(asked);
  const resources = RESOURCES[`${service}:${action}`]?.(asked, input);
  const keys = { "cloudwatch:namespace": typeof input.Namespace === "string" ? input.Namespace : undefined };
  return resources?.map((resource) => ({ action: iamAction(asked.call), resource, keys }));
}

function logStream(asked: Asked, { logGroupName, logStreamName }: Input): string[] {
  return [arnOf(asked, "logs", `log-group:${logGroupName}:log-stream:${logStreamName}`)];
}

/** A parameter by name, with a version or label or without, or by ARN; those of AWS's own have no account. */
function parameter(asked: Asked, name: unknown): string {
  const text = String(name).split(":")[0] ?? "";
  if (String(name).startsWith("arn:")) return String(name);
  const path = text.startsWith("/") ? text : `/${text}`;
  return arnOf(asked, "ssm", `parameter${path}`, { account: path.startsWith("/aws/") ? "" : undefined });
}

/** A secret by name or ARN. The six random characters that end the ARN are not known from the name: any stand for them. */
function secret(asked: Asked, id: string): string {
  return id.startsWith("arn:") ? id : arnOf(asked, "secretsmanager", `secret:${id}-??????`);
}
