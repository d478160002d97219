/** Topic that alarms go to: one for a stack or module, or the user's own. */

import {
  type Construct,
  SnsTopic,
  SnsTopicPolicy,
  SnsTopicSubscription,
  TerraformLocal,
  type TerraformResource,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { num, str } from "../terraform/expression";
import { attributeOf, countIfAbsent, countIfGiven, isAbsent, isMaybe, isNull, mayBeAbsent } from "../terraform/maybe";
import { type Current, currentOf } from "./current";
import { type Condition, equals, policyDocument, type Statement } from "./policy";
import { forSource } from "./role";
import type { Tags } from "./tags";

/** Services that publish, by the names of their principals. */
export type Publisher = "cloudwatch" | "events" | "budgets";

export interface AlarmTopicProps {
  readonly name: string;
  /** The user's topic instead of ours; null: ours. */
  readonly topicArn: string | null;
  /** Subscribed to our topic; null: nobody. */
  readonly email: string | null;
  /** Services that publish to it. A customer key and a topic of the user's must admit the same: docs/operations.md, "Customer keys". */
  readonly publishers: readonly Publisher[];
  /** Customer key; null: the topic is not encrypted. */
  readonly kmsKeyArn: string | null;
  readonly tags: Tags;
  /** What is made before it. SNS has no error for a topic that is there already, and would give somebody else's. */
  readonly after?: TerraformResource;
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
    dependsOn: props.after && [props.after],
  });
  comment(
    topic,
    "Never the key that AWS manages for SNS: CloudWatch may not use it, and alarms would be lost without a word.",
  );
  const own = attributeOf(topic, "arn");
  allow(scope, own, props.publishers, count);
  subscribe(scope, own, props);
  if (!isMaybe(given)) return own;
  return new TerraformLocal(scope, "alarm_topic_arn.local", str`${isNull(given)} ? ${own} : ${given}`).asString;
}

/** Each service with the conditions that its own documentation names for topics, and no others: it sends no other keys. */
const CONDITIONS: Readonly<Record<Publisher, { sid: string; on: (current: Current) => Condition[] }>> = {
  // Amazon CloudWatch User Guide, "Using Amazon CloudWatch alarms", permissions for SNS topics.
  cloudwatch: {
    sid: "AlarmsOfThisAccount",
    on: (current) => [equals("aws:SourceAccount", current.account), forSource(current.arn("cloudwatch", "alarm:*"))],
  },
  // Amazon EventBridge User Guide, "Using resource-based policies", Amazon SNS permissions: a statement without conditions.
  events: { sid: "RulesOfEventBridge", on: () => [] },
  // AWS Cost Management User Guide, "Creating an Amazon SNS topic for budget notifications". Budgets know no region.
  budgets: {
    sid: "BudgetsOfThisAccount",
    on: (current) => [
      equals("aws:SourceAccount", current.account),
      forSource(current.arn("budgets", "*", { region: null })),
    ],
  },
};

function allow(scope: Construct, topicArn: string, publishers: readonly Publisher[], count: number | undefined): void {
  const current = currentOf(scope);
  const statements = publishers.map((service): Statement => {
    const { sid, on } = CONDITIONS[service];
    const principal = current.principal(service);
    return { sid, actions: ["sns:Publish"], resources: [topicArn], service: principal, conditions: on(current) };
  });
  const policy = policyDocument(scope, "alarms.document", statements, count);
  new SnsTopicPolicy(scope, "alarms.topic-policy", { arn: topicArn, policy, count });
}

function subscribe(scope: Construct, topicArn: string, { email, topicArn: given }: AlarmTopicProps): void {
  if (isAbsent(email)) return;
  const count = isMaybe(given) ? num`${isNull(given)} && ${email} != null ? 1 : 0` : countIfGiven(email);
  new SnsTopicSubscription(scope, "alarms.subscription", { topicArn, protocol: "email", endpoint: email, count });
}
