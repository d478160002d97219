/**
 * The way of an event to what it wakes: rules, topics, queues, what Lambda reads from them, and the hints that a function leaves for others.
 * Everything on it is as Terraform deployed it, and each step is taken in the name of the role that takes it on AWS.
 */
import type { Aws } from "../aws/handler";
import type { AcceptedInvocation, AwsEvent } from "../aws/hooks";
import { assumeRole } from "../aws/services/assume-role";
import { wakesOf } from "../aws/services/event-bridge";
import { isLogGroup } from "../aws/services/event-log-target";
import { writeLogLine } from "../aws/services/event-logs";
import { pollQueue, sendTo } from "../aws/services/event-sources";
import { notifyTopic } from "../aws/services/event-topics";
import type { EventSourceMapping } from "../aws/state";
import type { DeployedFunction, Invocation } from "./function";

/** A function that is woken, and what it is given. */
export interface Woken {
  readonly target: DeployedFunction;
  readonly event: unknown;
}

export interface Routing {
  readonly aws: Aws;
  readonly region: string;
  /** The functions of the region. */
  readonly functions: readonly DeployedFunction[];
  /** Runs one of them. */
  readonly run: (target: DeployedFunction, event: unknown) => Promise<Invocation>;
}

/**
 * Functions that the events of one region wake, in their order. Those that only pass events on are run here, and topics get their
 * messages and log groups their lines, which the hooks `Notification` and `LogLine` tell of.
 */
export async function route(routing: Routing, events: readonly AwsEvent[]): Promise<Woken[]> {
  const { aws, region, functions } = routing;
  const direct: Woken[] = [];
  const queues = new Set<string>();
  for (const given of events)
    for (const wake of await wakesOf(aws, given, (rule) => count(routing, rule))) {
      const arn = wake.target.Arn;
      if (isLogGroup(arn)) await writeLogLine(aws, wake);
      if (arn.includes(":sns:")) await notifyTopic(aws, wake);
      // The ARN may be that of an alias.
      const target = functions.find((one) => arn === one.arn || arn.startsWith(`${one.arn}:`));
      if (target) direct.push({ target, event: JSON.parse(wake.input()) });
      if (!arn.includes(":sqs:")) continue;
      queues.add(arn);
      await sendTo(aws, region, arn, JSON.parse(wake.input()));
    }
  const hinted: Woken[] = [];
  for (const queue of queues) hinted.push(...(await drain(routing, queue)));
  return [...direct, ...hinted];
}

/** EventBridge's metric MatchedEvents. */
function count({ aws, region }: Routing, ruleName: string): void {
  const { matchedEvents } = aws.state(region);
  matchedEvents[ruleName] = [...(matchedEvents[ruleName] ?? []), aws.now()];
}

/** Lets Lambda empty a queue. @returns those for whom the functions that got its messages left a hint */
async function drain(routing: Routing, queueArn: string): Promise<Woken[]> {
  const { aws, region, functions } = routing;
  const accepted: AcceptedInvocation[] = [];
  const stop = aws.hooks.on("Invoke", (invocation) => void accepted.push(invocation));
  const mappings = Object.values(aws.state(region).eventSourceMappings);
  try {
    for (const mapping of mappings.filter((one) => one.EventSourceArn === queueArn && one.State === "Enabled"))
      await poll(routing, mapping);
  } finally {
    stop();
  }
  return accepted.flatMap(({ functionName, event }) => {
    const target = functions.find(({ name }) => name === functionName);
    return target ? [{ target, event }] : [];
  });
}

async function poll({ aws, region, functions, run }: Routing, mapping: EventSourceMapping): Promise<void> {
  const target = functions.find(({ arn }) => arn === mapping.FunctionArn);
  if (!target) throw new Error(`${mapping.EventSourceArn} is mapped to ${mapping.FunctionArn}, which is not deployed`);
  const { AccessKeyId } = await assumeRole(aws, region, { roleArn: target.roleArn, service: "lambda" });
  await pollQueue(aws, mapping, AccessKeyId, async (batch) => {
    const { ok, result } = await run(target, batch);
    if (!ok) throw new Error(`${target.name} failed: ${result}`);
    return ok;
  });
}
