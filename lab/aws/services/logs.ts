/** CloudWatch Logs: moto takes the key of a log group as the group is made, and cannot change it afterwards; it takes any text for a policy. */
import { AwsError } from "../aws-error";
import type { Call, Handlers } from "../handler";

interface LogGroup {
  readonly logGroupName: string;
  readonly arn?: string;
  readonly kmsKeyId?: string | undefined;
}

/** A request names the group by its name, or by its ARN in `resourceIdentifier`. */
interface Request {
  readonly logGroupName?: string;
  readonly resourceIdentifier?: string;
  readonly kmsKeyId?: string;
}

async function associateKmsKey(input: Request, call: Call): Promise<object> {
  call.state.logGroupKeys[await existing(input, call)] = input.kmsKeyId ?? null;
  return {};
}

async function disassociateKmsKey(input: Request, call: Call): Promise<object> {
  call.state.logGroupKeys[await existing(input, call)] = null;
  return {};
}

async function describeLogGroups(input: object, call: Call): Promise<object> {
  const answer = await call.forward<{ logGroups?: LogGroup[] }>(input);
  return { ...answer, logGroups: answer.logGroups?.map((group) => withKey(group, call)) };
}

async function deleteLogGroup(input: LogGroup, call: Call): Promise<object> {
  const answer = await call.forward<object>(input);
  delete call.state.logGroupKeys[input.logGroupName];
  return answer;
}

interface PolicyRequest {
  readonly policyName?: string;
  readonly policyDocument?: string;
  readonly resourceArn?: string;
}

/** Actions that a resource policy can allow; that others are refused, and not ignored, is the strict reading. */
const POLICY_ACTIONS = /^logs:(?:PutLogEvents|CreateLogStream)$/;

/** moto takes any text for a policy. It knows how many there may be. */
function putResourcePolicy(input: PolicyRequest, call: Call): Promise<object> {
  const { policyName, policyDocument = "", resourceArn } = input;
  call.aws.checkInput("logs", "PutResourcePolicy", input);
  if (resourceArn !== undefined) throw new Error("resource policies of one log group are not emulated");
  const actions = actionsOf(policyDocument);
  if (!policyName || actions.length === 0 || !actions.every((action) => POLICY_ACTIONS.test(action)))
    throw new AwsError("InvalidParameterException", "The policy has no name, or allows what a resource policy cannot");
  return call.forward(input);
}

function actionsOf(document: string): string[] {
  try {
    const { Statement } = JSON.parse(document) as { Statement: { Action?: string | string[] }[] };
    return [Statement].flat().flatMap(({ Action = "" }) => Action);
  } catch {
    throw new AwsError("InvalidParameterException", "The policy is no JSON");
  }
}

function withKey(group: LogGroup, call: Call): LogGroup {
  const key = call.state.logGroupKeys[group.logGroupName];
  return key === undefined ? group : { ...group, kmsKeyId: key ?? undefined };
}

/** Name of the group that is meant, which must be there. */
async function existing({ logGroupName, resourceIdentifier = "" }: Request, call: Call): Promise<string> {
  const name = logGroupName ?? resourceIdentifier.split(":")[6] ?? "";
  const { logGroups = [] } = await call.aws.moto<{ logGroups?: LogGroup[] }>(
    { ...call, action: "DescribeLogGroups" },
    { logGroupNamePrefix: name },
  );
  if (!logGroups.some((group) => group.logGroupName === name))
    throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
  return name;
}

/** The handlers of this file. */
export const logGroupHandlers: Handlers = {
  "logs:AssociateKmsKey": associateKmsKey,
  "logs:DisassociateKmsKey": disassociateKmsKey,
  "logs:DescribeLogGroups": describeLogGroups,
  "logs:DeleteLogGroup": deleteLogGroup,
  "logs:PutResourcePolicy": putResourcePolicy,
};
