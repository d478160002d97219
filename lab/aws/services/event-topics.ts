/** Topics as targets of rules. */
import type { Aws } from "../handler";
import type { Wake } from "./event-bridge";
import { tellTopic } from "./topics";

/**
 * Publishes what a rule has for a topic; EventBridge says nothing of the rule when it does.
 *
 * @throws Error if the target has something that is not emulated
 */
export async function notifyTopic(aws: Aws, { target, ruleArn, input }: Wake): Promise<void> {
  const { Arn: topicArn, RoleArn } = target;
  if (RoleArn) throw new Error(`a topic with a role as target is not emulated: ${topicArn} of ${ruleArn}`);
  await tellTopic(aws, { service: "events" }, { topicArn, sourceArn: ruleArn, message: input() });
}
