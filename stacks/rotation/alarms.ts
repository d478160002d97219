/**
 * Alarms of goal R14. A metric that every run measures, and that may be missing between runs, keeps its state (`ignore`). One
 * that is counted once is over when it is missing (`notBreaching`). Missing data tells of silence and of nothing else, through
 * the insufficient-data action, which is no transition on the first day. No alarm tells when all is well again: on the first day
 * every one of them would.
 */
import { type AlarmSetting, METRIC, METRIC_NAMESPACE } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
  type IResolvable,
  type LambdaFunction,
  type SqsQueue,
  Token,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, num } from "../terraform/expression";
import { times } from "../terraform/lists";
import { isAbsent, isMaybe, isNull, mayBeAbsent } from "../terraform/maybe";
import type { SnapshotRotationProps } from "./props";
import { RECONCILE } from "./rules";

/** Well within the quarter of an hour that R14 allows. */
const PERIOD_SECONDS = 300;
/** A third of a day: the part of its retention below which nothing can be served much longer. */
const THIRD_OF_A_DAY_HOURS = 8;

type Config = CloudwatchMetricAlarmConfig;

interface Alarm
  extends Pick<Config, "metricName" | "threshold" | "namespace" | "dimensions" | "statistic">,
    Partial<Pick<Config, "comparisonOperator">> {
  readonly id: string;
  readonly description: string;
  /** Setting with which there is such an alarm: `essential` means either. */
  readonly setting: AlarmSetting;
  /** Regions that have one; undefined: all. */
  readonly only?: "building" | "copying";
  /**
   * `ignore`: the highest value of a period counts, and without one the state stays. `notBreaching`: the sum counts, and without
   * one nothing happened. Both unless the alarm says otherwise.
   */
  readonly missing: "ignore" | "notBreaching";
}

/** @param deadLetters Queue of scheduled runs that were given up. */
export function createAlarms(
  cell: CellScope<SnapshotRotationProps>,
  rotation: LambdaFunction,
  deadLetters: SqsQueue,
): void {
  const alarms = [...ownMetrics(cell), ...invocations(cell, rotation), ...queues(cell, deadLetters)];
  for (const alarm of alarms) createAlarm(cell, alarm);
  createHeartbeat(cell);
}

function createAlarm(cell: CellScope<SnapshotRotationProps>, { setting, only, ...alarm }: Alarm): void {
  const { scope, props, names, tags } = cell;
  const count = countOf(props, { setting, only });
  if (count === 0) return;
  const { id, description, missing, ...config } = alarm;
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
    ...config,
    count,
  });
}

/** The `count` of an alarm: undefined if there surely is one, 0 if there surely is none. */
function countOf(
  { alarms, copyFrom }: SnapshotRotationProps,
  { setting, only }: Pick<Alarm, "setting" | "only">,
): number | undefined {
  const conditions: IResolvable[] = [];
  if (setting === "all") {
    if (alarms === "essential") return 0;
    if (Token.isUnresolved(alarms)) conditions.push(hcl`${alarms} == "all"`);
  }
  if (only === "building") {
    if (!mayBeAbsent(copyFrom)) return 0;
    if (isMaybe(copyFrom)) conditions.push(isNull(copyFrom));
  }
  if (only === "copying") {
    if (isAbsent(copyFrom)) return 0;
    if (isMaybe(copyFrom)) conditions.push(hcl`${copyFrom} != null`);
  }
  if (conditions.length === 0) return undefined;
  return num`${conditions.reduce((all, one) => hcl`${all} && ${one}`)} ? 1 : 0`;
}

function ownMetrics({ props }: CellScope<SnapshotRotationProps>): Alarm[] {
  return [
    {
      id: "stale",
      setting: "essential",
      description: "the promoted snapshot is older than two cadences: are builds, or copies, still arriving?",
      metricName: METRIC.promotedAgeHours,
      threshold: times(props.cadenceHours, 2),
      missing: "ignore",
    },
    {
      id: "failed_build",
      setting: "essential",
      only: "building",
      description: "a builder ended without a result. Its log is in the builder's log group.",
      metricName: METRIC.failedBuilds,
      threshold: 0,
      missing: "notBreaching",
    },
    {
      id: "withdrawn",
      setting: "essential",
      description: "no snapshot is fit to be promoted: workers start without a cache.",
      metricName: METRIC.withdrawn,
      threshold: 0,
      missing: "ignore",
    },
    {
      id: "foreign",
      setting: "all",
      description:
        "a snapshot that is not ours claims to be, or a second volume does. It was refused; find out who made it.",
      metricName: METRIC.foreign,
      threshold: 0,
      missing: "ignore",
    },
    {
      id: "overdue_deletions",
      setting: "all",
      description: "snapshots due for deletion have not become fewer for a day: something refuses.",
      metricName: METRIC.overdueHours,
      threshold: 24,
      missing: "ignore",
    },
    {
      id: "template_problem",
      setting: "all",
      description: "a launch template asks for a cache device that EC2 would refuse, and was left as it is.",
      metricName: METRIC.templateProblems,
      threshold: 0,
      missing: "ignore",
    },
    ...copies(props),
  ];
}

function copies(props: SnapshotRotationProps): Alarm[] {
  return [
    {
      id: "unproven_copy",
      setting: "all",
      only: "copying",
      description: "a copy lacks the tag that proves DLM made it, and was not promoted.",
      metricName: METRIC.unprovenCopies,
      threshold: 0,
      missing: "ignore",
    },
    {
      id: "expiring",
      setting: "all",
      only: "copying",
      description: "what is served expires within a third of its retention, and nothing can replace it.",
      metricName: METRIC.servedLifeHours,
      statistic: "Minimum",
      comparisonOperator: "LessThanThreshold",
      threshold: times(props.copyRetentionDays, THIRD_OF_A_DAY_HOURS),
      missing: "ignore",
    },
  ];
}

function invocations({ names }: CellScope<SnapshotRotationProps>, rotation: LambdaFunction): Alarm[] {
  return [
    {
      id: "errors",
      setting: "all",
      description: "a run of the rotation failed. Its log is in the function's log group; the next run takes over.",
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: rotation.functionName },
      threshold: 0,
      missing: "notBreaching",
    },
    {
      id: "not_invoked",
      setting: "all",
      description: "the schedule could not run the function: was it deleted, or its permission?",
      namespace: "AWS/Events",
      metricName: "FailedInvocations",
      dimensions: { RuleName: `${names.rotation}-${RECONCILE}` },
      threshold: 0,
      missing: "notBreaching",
    },
  ];
}

/** Messages that lie there: SQS tells of them as long as they do, and nothing of a queue that is idle. */
function queues({ names }: CellScope<SnapshotRotationProps>, deadLetters: SqsQueue): Alarm[] {
  const queue = {
    setting: "all",
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    statistic: "Maximum",
    threshold: 0,
    missing: "notBreaching",
  } as const;
  return [
    {
      ...queue,
      id: "given_up",
      description: "a scheduled run was given up, and lies in the dead-letter queue.",
      dimensions: { QueueName: deadLetters.name },
    },
    {
      ...queue,
      id: "launch_given_up",
      only: "building",
      description: "a scheduled builder could not be launched. The message in the queue says why.",
      dimensions: { QueueName: names.builderDeadLetterQueue },
    },
  ];
}

/** Tells when no run has seen to what workers get for two periods of the schedule. */
function createHeartbeat({ scope, props, names, tags }: CellScope<SnapshotRotationProps>): void {
  const alarm = new CloudwatchMetricAlarm(scope, "silent.alarm", {
    alarmName: `${names.rotation}-silent`,
    alarmDescription: `Docker cache ${props.name}/${props.architecture}: rotation has stopped running, or cannot promote.`,
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
