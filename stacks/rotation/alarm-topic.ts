/** Where alarms go: one topic for a stack or module, or the user's own. */

import { currentOf } from "../parts/current";
import { equals, policyDocument } from "../parts/policy";
import { forSource } from "../parts/role";
import type { Tags } from "../parts/tags";
import { type Construct, SnsTopic, SnsTopicPolicy, SnsTopicSubscription, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { num, str } from "../terraform/expression";
import { attributeOf, countIfAbsent, countIfGiven, isAbsent, isMaybe, isNull, mayBeAbsent } from "../terraform/maybe";

export interface AlarmTopicProps {
  readonly name: string;
  /** The user's topic instead of ours; null: ours. */
  readonly topicArn: string | null;
  /** Subscribed to our topic; null: nobody. */
  readonly email: string | null;
  /** Customer key, which `cloudwatch.amazonaws.com` must be allowed to use; null: the topic is not encrypted. */
  readonly kmsKeyArn: string | null;
  readonly tags: Tags;
}

/** @returns the ARN of the topic that alarms go to. */
export function createAlarmTopic(scope: Construct, props: AlarmTopicProps): string {
  const { topicArn: given } = props;
  if (!mayBeAbsent(given)) return given!;
  const count = countIfAbsent(given);
  const topic = new SnsTopic(scope, "alarms.topic", {
    name: props.name,
    kmsMasterKeyId: props.kmsKeyArn ?? undefined,
    tags: props.tags,
    count,
  });
  comment(
    topic,
    "Never the key that AWS manages for SNS: CloudWatch may not use it, and alarms would be lost without a word.",
  );
  const own = attributeOf(topic, "arn");
  allowAlarms(scope, own, count);
  subscribe(scope, own, props);
  if (!isMaybe(given)) return own;
  return new TerraformLocal(scope, "alarm_topic_arn.local", str`${isNull(given)} ? ${own} : ${given}`).asString;
}

function allowAlarms(scope: Construct, topicArn: string, count: number | undefined): void {
  const current = currentOf(scope);
  const statement = {
    sid: "AlarmsOfThisAccount",
    actions: ["sns:Publish"],
    resources: [topicArn],
    service: current.principal("cloudwatch"),
    conditions: [equals("aws:SourceAccount", current.account), forSource(current.arn("cloudwatch", "alarm:*"))],
  };
  const policy = policyDocument(scope, "alarms.document", [statement], count);
  new SnsTopicPolicy(scope, "alarms.topic-policy", { arn: topicArn, policy, count });
}

function subscribe(scope: Construct, topicArn: string, { email, topicArn: given }: AlarmTopicProps): void {
  if (isAbsent(email)) return;
  const count = isMaybe(given) ? num`${isNull(given)} && ${email} != null ? 1 : 0` : countIfGiven(email);
  new SnsTopicSubscription(scope, "alarms.subscription", { topicArn, protocol: "email", endpoint: email, count });
}
