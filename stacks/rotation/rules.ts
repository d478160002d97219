/** Triggers of rotation: events, which may be lost, and a clock, which is not. */

import type { CellScope } from "../parts/cell-scope";
import {
  CloudwatchEventRule,
  CloudwatchEventTarget,
  type LambdaFunction,
  LambdaPermission,
  Token,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { str } from "../terraform/expression";
import type { SnapshotRotationProps } from "./props";

/** Events carry no tags: every snapshot of the region wakes the function, which looks at the tags itself. */
const SNAPSHOT_EVENTS = {
  source: ["aws.ec2"],
  "detail-type": ["EBS Snapshot Notification"],
  detail: { event: ["createSnapshot", "copySnapshot"], result: ["succeeded", "failed"] },
};
const INSTANCE_EVENTS = {
  source: ["aws.ec2"],
  "detail-type": ["EC2 Instance State-change Notification"],
  detail: { state: ["shutting-down", "terminated"] },
};

export function createRules(cell: CellScope<SnapshotRotationProps>, target: LambdaFunction): void {
  const cache = `${cell.props.name}/${cell.props.architecture}`;
  const snapshots = createRule(cell, target, "snapshots", {
    description: `Snapshots made or copied: wakes the rotation of ${cache}`,
    eventPattern: str`jsonencode(${SNAPSHOT_EVENTS})`,
  });
  createRule(cell, target, "builders", {
    description: `Instances that end: wakes the rotation of ${cache}, which looks whether it was a builder`,
    eventPattern: str`jsonencode(${INSTANCE_EVENTS})`,
  });
  createRule(cell, target, "reconcile", {
    description: `Runs the rotation of ${cache} whatever events were lost`,
    scheduleExpression: every(cell.props.reconcileMinutes),
  });
  comment(snapshots, "In a region that copies, EventBridge tells of the copy there, not where it was copied from.");
}

/** EventBridge insists on `1 minute`, not `1 minutes`. */
function every(minutes: number): string {
  if (!Token.isUnresolved(minutes)) return minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`;
  return str`${minutes} == 1 ? "rate(1 minute)" : ${`rate(${Token.asString(minutes)} minutes)`}`;
}

function createRule(
  { scope, current, names, tags }: CellScope<SnapshotRotationProps>,
  target: LambdaFunction,
  id: string,
  trigger: { description: string; eventPattern?: string; scheduleExpression?: string },
): CloudwatchEventRule {
  const rule = new CloudwatchEventRule(scope, `${id}.rule`, {
    name: `${names.rotation}-${id}`,
    ...trigger,
    tags: tags(),
  });
  new CloudwatchEventTarget(scope, `${id}.target`, { rule: rule.name, arn: target.arn });
  // The rule's ARN names the account; EventBridge is not documented to send aws:SourceAccount to functions.
  new LambdaPermission(scope, `${id}.permission`, {
    action: "lambda:InvokeFunction",
    functionName: target.functionName,
    principal: current.principal("events"),
    sourceArn: rule.arn,
  });
  return rule;
}
