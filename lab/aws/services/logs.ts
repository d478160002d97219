/** CloudWatch Logs: moto takes the key of a log group as the group is made, and cannot change it afterwards. */
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
};
