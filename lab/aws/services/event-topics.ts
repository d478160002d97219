/** Topics as targets of rules: EventBridge publishes as itself, if the topic's own policy lets it. */
import { AwsError } from "../aws-error";
import type { Aws } from "../handler";
import type { Wake } from "./event-bridge";

/**
 * Publishes what a rule has for a topic, and tells the listeners of `Notification`. What AWS would drop in silence is told to
 * them as refused, and to nobody else. Whether the policy allows it is for the listeners of `Publish`.
 *
 * @throws Error if the target has something that is not emulated
 */
export async function notifyTopic(aws: Aws, { target, ruleArn, input }: Wake): Promise<void> {
  const { Arn: topicArn, RoleArn } = target;
  if (RoleArn) throw new Error(`a topic with a role as target is not emulated: ${topicArn} of ${ruleArn}`);
  const region = topicArn.split(":")[3] ?? "";
  const message = input();
  const refusal = await publish(aws, region, topicArn, message);
  await aws.hooks.raise("Notification", { region, topicArn, ruleArn, message, refusal });
}

/** Returns the reason for which the message is not delivered, or undefined if it is. */
async function publish(aws: Aws, region: string, TopicArn: string, Message: string): Promise<string | undefined> {
  try {
    const { partition } = aws;
    await aws.hooks.raise("Publish", { partition, region, topicArn: TopicArn, service: "events" });
    await aws.moto({ service: "sns", action: "Publish", region }, { TopicArn, Message });
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
