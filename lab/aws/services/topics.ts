/** Topics as AWS's own services use them: they publish as themselves, if the topic's own policy lets them. */
import { AwsError } from "../aws-error";
import type { Aws } from "../handler";
import type { Notification, Publication } from "../hooks";

/**
 * Publishes to a topic, and tells the listeners of `Notification`. What AWS would drop in silence is told to them as refused, and
 * to nobody else. Whether the policy allows it is for the listeners of `Publish`.
 *
 * @param told what the listeners are told, without the result
 */
export async function tellTopic(
  aws: Aws,
  publication: Pick<Publication, "service" | "sourceArn">,
  told: Omit<Notification, "region" | "refusal">,
): Promise<void> {
  const region = told.topicArn.split(":")[3] ?? "";
  const { topicArn } = told;
  const refusal = await publish(aws, { ...publication, partition: aws.partition, region, topicArn }, told.message);
  await aws.hooks.raise("Notification", { region, ...told, refusal });
}

/** Returns the reason for which the message is not delivered, or undefined if it is. */
async function publish(aws: Aws, publication: Publication, Message: string): Promise<string | undefined> {
  const { region, topicArn: TopicArn } = publication;
  try {
    await aws.hooks.raise("Publish", publication);
    await aws.moto({ service: "sns", action: "Publish", region }, { TopicArn, Message });
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
