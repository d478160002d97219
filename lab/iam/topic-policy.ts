/** Policies of topics, as they concern services. Without one for EventBridge, alarms are dropped in silence. */
import type { Aws } from "../aws/handler";
import type { Publication } from "../aws/hooks";
import { readerOf } from "./context";
import { isAllowed, type Policy, parsePolicy, type Statement } from "./policy";

/**
 * True if a topic's policy lets a service publish. EventBridge says nothing of itself or of its rule, so that a statement with a
 * condition does not let it publish (EventBridge User Guide, "Using resource-based policies"). CloudWatch names the alarm and its account.
 *
 * @param principal the service's: `events.amazonaws.com`
 * @throws AwsError NotFound if there is no such topic
 */
export async function letsPublish(aws: Aws, publication: Publication, principal: string): Promise<boolean> {
  const { region, topicArn, sourceArn } = publication;
  const policy = await policyOf(aws, region, topicArn);
  const concerning = policy.Statement.filter((statement) => concernsService(statement, principal));
  const keys = { "aws:SourceArn": sourceArn, "aws:SourceAccount": sourceArn?.split(":")[4] };
  const read = sourceArn === undefined ? () => undefined : readerOf({ keys });
  return isAllowed([{ Statement: concerning }], { action: "sns:Publish", resource: topicArn, read });
}

async function policyOf(aws: Aws, region: string, TopicArn: string): Promise<Policy> {
  const target = { service: "sns", action: "GetTopicAttributes", region };
  const { Attributes = {} } = await aws.moto<{ Attributes?: Record<string, string> }>(target, { TopicArn });
  return parsePolicy(Attributes.Policy ?? JSON.stringify({ Statement: [] }));
}

/** True if a statement is about a service: by its name, or because it is about everybody. */
export function concernsService({ Principal }: Statement, principal: string): boolean {
  if (typeof Principal !== "object") return Principal === "*";
  const { Service = [], AWS = [] } = Principal;
  return [Service].flat().includes(principal) || [AWS].flat().includes("*");
}
