/**
 * Alarms of goal R14. A metric that every run measures, and that may be missing between runs, keeps its state (`ignore`). One
 * that is counted once is over when it is missing (`notBreaching`). Missing data tells of silence and of nothing else, through
 * the insufficient-data action, which is no transition on the first day. No alarm tells when all is well again: on the first day
 * every one of them would.
 */
import { METRIC, METRIC_NAMESPACE } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
  type LambdaFunction,
  type SqsQueue,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { times } from "../terraform/lists";
import { countIfAbsent, countIfGiven, isAbsent, mayBeAbsent } from "../terraform/maybe";
import type { SnapshotRotationProps } from "./props";

/** Well within the quarter of an hour that R14 allows. */
const PERIOD_SECONDS = 300;

type Alarm = Pick<CloudwatchMetricAlarmConfig, "metricName" | "threshold" | "count" | "namespace" | "dimensions"> & {
  readonly id: string;
  readonly description: string;
  /**
   * `ignore`: the highest value of a period counts, and without one the state stays. `notBreaching`: the sum counts, and without
   * one nothing happened.
   */
  readonly missing: "ignore" | "notBreaching";
};

/** @param deadLetters Queue of deliveries that EventBridge and Lambda gave up on. */
export function createAlarms(
  cell: CellScope<SnapshotRotationProps>,
  rotation: LambdaFunction,
  deadLetters: SqsQueue,
): void {
  for (const alarm of [...ownMetrics(cell), ...awsMetrics(cell, rotation, deadLetters)]) createAlarm(cell, alarm);
  createHeartbeat(cell);
}

function createAlarm(cell: CellScope<SnapshotRotationProps>, { id, description, missing, ...alarm }: Alarm): void {
  const { scope, props, names, tags } = cell;
  new CloudwatchMetricAlarm(scope, `${id}.alarm`, {
    alarmName: `${names.rotation}-${id.replaceAll("_", "-")}`,
    alarmDescription: `Docker cache ${props.name}/${props.architecture}: ${description}`,
    namespace: METRIC_NAMESPACE,
    dimensions: { Name: props.name, Architecture: props.architecture },
    statistic: missing === "ignore" ? "Maximum" : "Sum",
    comparisonOperator: "GreaterThanThreshold",
    period: PERIOD_SECONDS,
    evaluationPeriods: 1,
    treatMissingData: missing,
    alarmActions: [props.alarmTopicArn],
    tags: tags(),
    ...alarm,
  });
}

function ownMetrics({ props }: CellScope<SnapshotRotationProps>): Alarm[] {
  const alarms: (Alarm | false)[] = [
    {
      id: "stale",
      description: "the promoted snapshot is older than two cadences: are builds, or copies, still arriving?",
      metricName: METRIC.promotedAgeHours,
      threshold: times(props.cadenceHours, 2),
      missing: "ignore",
    },
    {
      id: "failed_build",
      description: "a builder ended without a result. Its log is in the builder's log group.",
      metricName: METRIC.failedBuilds,
      threshold: 0,
      missing: "notBreaching",
    },
    {
      id: "withdrawn",
      description: "no snapshot is fit to be promoted: workers start without a cache.",
      metricName: METRIC.withdrawn,
      threshold: 0,
      missing: "ignore",
    },
    {
      id: "foreign",
      description:
        "a snapshot that is not ours claims to be, or a second volume does. It was refused; find out who made it.",
      metricName: METRIC.foreign,
      threshold: 0,
      missing: "ignore",
    },
    !isAbsent(props.copyFrom) && {
      id: "unproven_copy",
      description: "a copy lacks the tag that proves DLM made it, and was not promoted.",
      metricName: METRIC.unprovenCopies,
      threshold: 0,
      missing: "ignore",
      count: countIfGiven(props.copyFrom),
    },
    {
      id: "overdue_deletions",
      description: "snapshots due for deletion have not become fewer for a day.",
      metricName: METRIC.overdueHours,
      threshold: 24,
      missing: "ignore",
    },
  ];
  return alarms.filter((alarm) => alarm !== false);
}

function awsMetrics(
  { props, names }: CellScope<SnapshotRotationProps>,
  rotation: LambdaFunction,
  deadLetters: SqsQueue,
): Alarm[] {
  const queue = (id: string, name: string, description: string, count?: number): Alarm => ({
    id,
    description,
    namespace: "AWS/SQS",
    metricName: "NumberOfMessagesSent",
    dimensions: { QueueName: name },
    threshold: 0,
    missing: "notBreaching",
    count,
  });
  return [
    {
      id: "errors",
      description: "a run of the rotation failed. Its log is in the function's log group; the next run takes over.",
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: rotation.functionName },
      threshold: 0,
      missing: "notBreaching",
    },
    queue("given_up", deadLetters.name, "an event was given up after several failed runs."),
    ...(mayBeAbsent(props.copyFrom)
      ? [
          queue(
            "launch_given_up",
            names.builderDeadLetterQueue,
            "a scheduled builder could not be launched. The message in the queue says why.",
            countIfAbsent(props.copyFrom),
          ),
        ]
      : []),
  ];
}

/** Tells when no run has completed for two periods of the schedule. */
function createHeartbeat({ scope, props, names, tags }: CellScope<SnapshotRotationProps>): void {
  const alarm = new CloudwatchMetricAlarm(scope, "silent.alarm", {
    alarmName: `${names.rotation}-silent`,
    alarmDescription: `Docker cache ${props.name}/${props.architecture}: rotation has stopped running.`,
    namespace: METRIC_NAMESPACE,
    metricName: METRIC.run,
    dimensions: { Name: props.name, Architecture: props.architecture },
    statistic: "Sum",
    // Missing data stays missing: the provider's default.
    comparisonOperator: "LessThanThreshold",
    threshold: 1,
    period: times(props.reconcileMinutes, 120),
    evaluationPeriods: 1,
    insufficientDataActions: [props.alarmTopicArn],
    alarmActions: [props.alarmTopicArn],
    tags: tags(),
  });
  comment(alarm, "Silence is missing data: the alarm is made in that state, and tells only of falling back into it.");
}
