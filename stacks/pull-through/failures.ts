/** Tells of pulls that failed: a line each in a log group, and one alarm for all of five minutes. */
import { createAlarmTopic } from "../parts/alarm-topic";
import { createLogGroup } from "../parts/log-group";
import { policyDocument } from "../parts/policy";
import {
  CloudwatchEventRule,
  CloudwatchEventTarget,
  type CloudwatchLogGroup,
  CloudwatchLogResourcePolicy,
  CloudwatchMetricAlarm,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { str } from "../terraform/expression";
import type { PullThroughScope } from "./scope";

const PERIOD_SECONDS = 300;
/** Fields of the line. A path that the event lacks leaves nothing in its place (Amazon EventBridge User Guide, "Input transformation"). */
const PATHS = {
  time: "$.time",
  repository: "$.detail.repository-name",
  tag: "$.detail.image-tag",
  upstream: "$.detail.upstream-registry-url",
  code: "$.detail.failure-code",
  reason: "$.detail.failure-reason",
};
/** A log group takes an object of these two keys and of no others, both texts. The time alone stands bare, for it is always there. */
const LINE = `{"timestamp": <time>, "message": "pull through failed: repository <repository>, tag <tag>, upstream <upstream>, code <code>: <reason>. What to do: docs/pull-through.md#troubleshooting-by-message"}`;

/** @returns the ARN of the topic that alarms go to */
export function createFailures(whole: PullThroughScope): string {
  const { scope, props, names, tags } = whole;
  // First, since of all here it alone fails if there is one: a second module must not take over the first one's.
  const logGroup = createLogGroup(whole, "failures", names.logGroup);
  const alarmTopicArn = createAlarmTopic(scope, {
    name: props.topicName,
    topicArn: props.topicArn,
    email: props.email,
    publishers: ["cloudwatch"],
    kmsKeyArn: props.kmsKeyArn,
    tags: tags(),
    after: logGroup,
  });
  const pattern = {
    source: ["aws.ecr"],
    "detail-type": ["ECR Pull Through Cache Action"],
    detail: {
      "sync-status": [{ "anything-but": ["SUCCESS"] }],
      "ecr-repository-prefix": props.prefixes,
    },
  };
  const rule = new CloudwatchEventRule(scope, "failures.event-rule", {
    name: names.failures,
    description: "Images that ECR could not pull through",
    eventPattern: str`jsonencode(${pattern})`,
    tags: tags(),
    dependsOn: [logGroup],
  });
  const target = new CloudwatchEventTarget(scope, "failures.target", {
    rule: rule.name,
    arn: logGroup.arn,
    inputTransformer: { inputPaths: PATHS, inputTemplate: LINE },
    dependsOn: [admitEventBridge(whole, logGroup)],
  });
  comment(target, "ECR's reason is not escaped by EventBridge: a quote in it may lose the line, and never the alarm.");
  createAlarm(whole, rule, alarmTopicArn);
  return alarmTopicArn;
}

/** EventBridge writes by a policy of CloudWatch Logs, of which a region has ten: without one it drops every line in silence. */
function admitEventBridge({ scope, names, current }: PullThroughScope, logGroup: CloudwatchLogGroup) {
  return new CloudwatchLogResourcePolicy(scope, "failures.log-policy", {
    policyName: names.failures,
    policyDocument: policyDocument(
      scope,
      "failures.document",
      ["events", "delivery.logs"].map((service, index) => ({
        sid: index === 0 ? "LinesOfEventBridge" : "LinesOfDelivery",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [`${logGroup.arn}:*`],
        service: current.principal(service),
      })),
    ),
  });
}

/** By the rule's own metric: an outage is one message, and not one for each worker. */
function createAlarm({ scope, names, tags }: PullThroughScope, rule: CloudwatchEventRule, alarmTopicArn: string): void {
  new CloudwatchMetricAlarm(scope, "failures.alarm", {
    alarmName: names.failures,
    alarmDescription: `Docker pull-through: ECR could not fetch from an upstream registry. Builds go on without it; lines in ${names.logGroup} say why.`,
    namespace: "AWS/Events",
    metricName: "MatchedEvents",
    dimensions: { RuleName: rule.name },
    statistic: "Sum",
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    period: PERIOD_SECONDS,
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    alarmActions: [alarmTopicArn],
    tags: tags(),
  });
}
