/** Triggers of rotation: events, which may be lost, and a clock, which is not. */

import type { CellScope } from "../parts/cell-scope";
import {
  CloudwatchEventRule,
  type CloudwatchEventRuleConfig,
  CloudwatchEventTarget,
  type LambdaAlias,
  type LambdaFunction,
  LambdaPermission,
  Token,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { str } from "../terraform/expression";
import { attributeOf, countIfOneOf, mayBeOneOf } from "../terraform/maybe";
import type { SnapshotRotationProps } from "./props";

/** Events carry no tags: a rule that matches them is set off by every snapshot of the region. */
export const SNAPSHOT_EVENTS = {
  source: ["aws.ec2"],
  "detail-type": ["EBS Snapshot Notification"],
  detail: { event: ["createSnapshot", "copySnapshot"], result: ["succeeded", "failed"] },
};

/** End of the name of the rule that runs the function by the clock. */
export const RECONCILE = "reconcile";

/** @param hints Alias through which the function is woken between its scheduled runs; undefined: it is not. */
export function createRules(
  cell: CellScope<SnapshotRotationProps>,
  rotation: LambdaFunction,
  hints: LambdaAlias | undefined,
): void {
  const { name, architecture, reconcileMinutes } = cell.props;
  const cache = `${name}/${architecture}`;
  createRule(
    cell,
    RECONCILE,
    { functionName: rotation.functionName, arn: rotation.arn },
    {
      description: `Runs the rotation of ${cache} whatever events were lost`,
      scheduleExpression: every(reconcileMinutes),
    },
  );
  if (hints !== undefined && mayBeOneOf(cell.props.wake, ["rule"])) createSnapshotRule(cell, rotation, hints);
}

/** A rule for one cache, which looks at each snapshot itself. A region of many caches has one router instead. */
function createSnapshotRule(
  cell: CellScope<SnapshotRotationProps>,
  { functionName }: LambdaFunction,
  hints: LambdaAlias,
): void {
  const { name, architecture, wake } = cell.props;
  // By reference: the alias must be there before the permission on it.
  const target = { functionName, arn: attributeOf(hints, "arn"), qualifier: attributeOf(hints, "name") };
  const snapshots = createRule(cell, "snapshots", target, {
    description: `Snapshots made or copied: wakes the rotation of ${name}/${architecture}`,
    eventPattern: str`jsonencode(${SNAPSHOT_EVENTS})`,
    count: countIfOneOf(wake, ["rule"]),
  });
  comment(snapshots, "In a region that copies, EventBridge tells of the copy there, not where it was copied from.");
}

/** EventBridge insists on `1 minute`, not `1 minutes`. */
function every(minutes: number): string {
  if (!Token.isUnresolved(minutes)) return minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`;
  return str`${minutes} == 1 ? "rate(1 minute)" : ${`rate(${Token.asString(minutes)} minutes)`}`;
}

interface Target {
  readonly functionName: string;
  readonly arn: string;
  /** Alias that the ARN is of; undefined: the function itself. */
  readonly qualifier?: string;
}

function createRule(
  { scope, current, names, tags }: CellScope<SnapshotRotationProps>,
  id: string,
  { functionName, arn, qualifier }: Target,
  trigger: Pick<CloudwatchEventRuleConfig, "description" | "eventPattern" | "scheduleExpression" | "count">,
): CloudwatchEventRule {
  const { count } = trigger;
  const rule = new CloudwatchEventRule(scope, `${id}.rule`, {
    name: `${names.rotation}-${id}`,
    ...trigger,
    tags: tags(),
  });
  new CloudwatchEventTarget(scope, `${id}.target`, { rule: attributeOf(rule, "name"), arn, count });
  // The rule's ARN names the account; EventBridge is not documented to send aws:SourceAccount to functions.
  new LambdaPermission(scope, `${id}.permission`, {
    action: "lambda:InvokeFunction",
    functionName,
    qualifier,
    principal: current.principal("events"),
    sourceArn: attributeOf(rule, "arn"),
    count,
    // The same for ever, and unknown while a module waits for what it depends on.
    lifecycle: { ignoreChanges: ["principal"] },
  });
  return rule;
}
