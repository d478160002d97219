/** Results of EventBridge that tests read: lines in log groups, and CloudWatch's alarms on the metric MatchedEvents. */
import type { Aws } from "../../../lab/aws/handler";
import { tellTopic } from "../../../lab/aws/services/topics";

/** The lines of a log group, oldest first. @throws AwsError ResourceNotFoundException if there is no such group */
export async function logLines(aws: Aws, region: string, logGroupName: string): Promise<string[]> {
  const target = { service: "logs", action: "FilterLogEvents", region };
  const { events = [] } = await aws.moto<{ events?: { message: string }[] }>(target, {
    logGroupName,
    interleaved: true,
  });
  return events.map(({ message }) => message);
}

/** An alarm, as DescribeAlarms shows it. */
interface Alarm {
  readonly AlarmName: string;
  readonly AlarmArn: string;
  readonly StateValue: State;
  readonly ActionsEnabled?: boolean;
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic?: string;
  /** Seconds. */
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold?: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData?: string;
}

type State = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/**
 * Looks once at each alarm of a region that is on MatchedEvents, over the periods that end now. One that changes tells its topics,
 * as CloudWatch, once: not again as long as it stays. Alarms on other metrics are left alone: the lab has none.
 *
 * @throws Error if an alarm on MatchedEvents has something that is not emulated
 */
export async function evaluateEventAlarms(aws: Aws, region: string): Promise<void> {
  for (const alarm of await alarmsOf(aws, region)) {
    const state = stateOf(aws, region, alarm);
    if (state === alarm.StateValue) continue;
    const StateReason = `MatchedEvents: ${sums(aws, region, alarm).join(", ")}`;
    const input = { AlarmName: alarm.AlarmName, StateValue: state, StateReason };
    await aws.moto({ service: "monitoring", action: "SetAlarmState", region }, input);
    const topics = state === "ALARM" ? alarm.AlarmActions : alarm.OKActions;
    for (const topicArn of (alarm.ActionsEnabled !== false && topics) || []) await tell(aws, alarm, topicArn, input);
  }
}

async function tell(aws: Aws, { AlarmName, AlarmArn }: Alarm, topicArn: string, changed: object): Promise<void> {
  if (!topicArn.includes(":sns:"))
    throw new Error(`the alarm ${AlarmName} has an action that is not emulated: ${topicArn}`);
  const { StateValue, StateReason } = changed as { StateValue: State; StateReason: string };
  const message = JSON.stringify({ AlarmName, AlarmArn, NewStateValue: StateValue, NewStateReason: StateReason });
  const told = { topicArn, sourceArn: AlarmArn, message };
  await tellTopic(aws, { service: "cloudwatch", sourceArn: AlarmArn }, told);
}

async function alarmsOf(aws: Aws, region: string): Promise<Alarm[]> {
  const target = { service: "monitoring", action: "DescribeAlarms", region };
  const { MetricAlarms = [] } = await aws.moto<{ MetricAlarms?: Alarm[] }>(target, {});
  return MetricAlarms.filter((alarm) => alarm.Namespace === "AWS/Events" && alarm.MetricName === "MatchedEvents");
}

/** State of an alarm over its periods. A period without a match has no datapoint, which `notBreaching` takes for a good one. */
function stateOf(aws: Aws, region: string, alarm: Alarm): State {
  const { AlarmName, Statistic, ComparisonOperator, TreatMissingData, Threshold = 0, EvaluationPeriods } = alarm;
  const compare = COMPARISONS[ComparisonOperator];
  if (Statistic !== "Sum" || !compare || TreatMissingData !== "notBreaching")
    throw new Error(`the alarm ${AlarmName} is not emulated: ${[Statistic, ComparisonOperator, TreatMissingData]}`);
  const breaching = sums(aws, region, alarm).filter((sum) => sum > 0 && compare(sum, Threshold)).length;
  return breaching >= (alarm.DatapointsToAlarm ?? EvaluationPeriods) ? "ALARM" : "OK";
}

const COMPARISONS: Readonly<Record<string, (sum: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (sum, threshold) => sum > threshold,
  GreaterThanOrEqualToThreshold: (sum, threshold) => sum >= threshold,
};

/** Sums of an alarm's periods, the one that ends now first. A rule of another bus, or a misspelt one, matches nothing here, as on AWS. */
function sums(aws: Aws, region: string, { Dimensions = [], Period = 60, EvaluationPeriods }: Alarm): number[] {
  const [dimension] = Dimensions;
  const isOurs = Dimensions.length === 1 && dimension?.Name === "RuleName";
  const matches = (isOurs && aws.state(region).matchedEvents[dimension.Value]) || [];
  const now = aws.now().getTime();
  const ages = matches.map((at) => Math.floor((now - at.getTime()) / (Period * 1000)));
  return Array.from({ length: EvaluationPeriods }, (_, period) => ages.filter((age) => age === period).length);
}
