/** Resource policies of CloudWatch Logs, as they concern EventBridge. Without one, nothing that a rule has for a log group arrives. */
import type { Aws } from "../aws/handler";
import type { LogWrite } from "../aws/hooks";
import { readerOf } from "./context";
import { isAllowed, type Policy, parsePolicy } from "./policy";
import { concernsService } from "./topic-policy";

/** A call that the policies do not allow. */
export interface RefusedWrite {
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
}

/**
 * What EventBridge calls for a line, each with the ARN that it names as its source. That it names none for a new stream is what
 * aws-samples/serverless-patterns#618 found.
 */
const CALLS = [
  { action: "logs:CreateLogStream", named: false },
  { action: "logs:PutLogEvents", named: true },
];

/**
 * The first call that no policy of the region allows; undefined if the line may be written. AWS's own policy names two services, and
 * whether one would do is told both ways (terraform-provider-aws#30388 against AWS CDK): the strict reading is that both need it.
 *
 * @param principals of `events` and `delivery.logs`
 */
export async function refusedWrite(
  aws: Aws,
  { partition, region, logGroup, logStream, ruleArn }: LogWrite,
  principals: readonly string[],
): Promise<RefusedWrite | undefined> {
  const policies = await policiesOf(aws, region);
  const resource = `arn:${partition}:logs:${region}:${aws.accountId}:log-group:${logGroup}:log-stream:${logStream}`;
  const asked = principals.flatMap((caller) => CALLS.map((call) => ({ caller, ...call })));
  const refused = asked.find(({ caller, action, named }) => {
    const read = readerOf({ keys: { "aws:SourceArn": named ? ruleArn : undefined } });
    const concerning = policies.map(({ Statement }) => ({
      Statement: Statement.filter((statement) => concernsService(statement, caller)),
    }));
    return !isAllowed(concerning, { action, resource, read });
  });
  return refused && { caller: refused.caller, action: refused.action, resource };
}

async function policiesOf(aws: Aws, region: string): Promise<Policy[]> {
  const target = { service: "logs", action: "DescribeResourcePolicies", region };
  const { resourcePolicies = [] } = await aws.moto<{ resourcePolicies?: { policyDocument: string }[] }>(target, {});
  return resourcePolicies.map(({ policyDocument }) => parsePolicy(policyDocument));
}
