/** EventBridge's default bus: rules as Terraform stored them decide what an event wakes. moto stores rules and wakes nobody. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";
import type { Aws, Call, Handlers } from "../handler";
import type { AwsEvent } from "../hooks";
import { eventTime } from "./ec2/events";
import { type InputSettings, inputOf, inputProblem } from "./event-input";
import { isLogGroup, logTargetProblem } from "./event-log-target";
import { matchesPattern } from "./event-pattern";

/** A target of a rule, as ListTargetsByRule shows it. */
export interface Target extends InputSettings {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
}

/** A target that an event wakes, and what it is given. */
export interface Wake {
  readonly target: Target;
  readonly ruleArn: string;
  readonly event: AwsEvent;
  /** The event as JSON, or what the target has in its place. @throws Error if that cannot be made of the event */
  readonly input: () => string;
}

interface Rule {
  readonly Name: string;
  readonly Arn: string;
  readonly State?: string;
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
}

/** Delivery of events from EC2 to a function. EBS's are sent "on a best-effort basis", and any may come twice and in any order. */
export type Delivery = "in order" | "lost" | "twice" | "backwards";

/** The events as they arrive. */
export function onTheWay(events: readonly AwsEvent[], delivery: Delivery): AwsEvent[] {
  switch (delivery) {
    case "in order":
      return [...events];
    case "lost":
      return [];
    case "twice":
      return [...events, ...events];
    case "backwards":
      return [...events].reverse();
  }
}

async function rulesOf(aws: Aws, region: string): Promise<Rule[]> {
  const target = { service: "events", action: "ListRules", region };
  const rules: Rule[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.moto<{ Rules?: Rule[]; NextToken?: string }>(target, { NextToken });
    rules.push(...(page.Rules ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return rules.filter(({ State }) => State !== "DISABLED");
}

async function targetsOf(aws: Aws, region: string, { Name }: Rule): Promise<Target[]> {
  const target = { service: "events", action: "ListTargetsByRule", region };
  return (await aws.moto<{ Targets?: Target[] }>(target, { Rule: Name })).Targets ?? [];
}

async function matchingRules(aws: Aws, event: AwsEvent): Promise<Rule[]> {
  return (await rulesOf(aws, event.region)).filter(
    ({ EventPattern }) => EventPattern !== undefined && matchesPattern(JSON.parse(EventPattern), event),
  );
}

async function wakesBy(rules: readonly Rule[], aws: Aws, event: AwsEvent): Promise<Wake[]> {
  const ingestedAt = aws.now();
  const wakes = rules.map(async (rule) => {
    const matched = { event, ruleArn: rule.Arn, ruleName: rule.Name, ingestedAt };
    const targets = await targetsOf(aws, event.region, rule);
    return targets.map((target) => ({ target, ruleArn: rule.Arn, event, input: () => inputOf(target, matched) }));
  });
  return (await Promise.all(wakes)).flat();
}

/**
 * What an event wakes in its region, once for each rule that matches.
 *
 * @param matched is told of each such rule, of those without a target too, by its name
 */
export async function wakesOf(
  aws: Aws,
  event: AwsEvent,
  matched: (ruleName: string) => void = () => undefined,
): Promise<Wake[]> {
  const rules = await matchingRules(aws, event);
  for (const { Name } of rules) matched(Name);
  return wakesBy(rules, aws, event);
}

/** Events that the scheduled rules of a region send when they are due, with the ARNs of what each wakes. */
export async function scheduledEvents(aws: Aws, region: string): Promise<{ event: AwsEvent; wakes: string[] }[]> {
  const rules = (await rulesOf(aws, region)).filter(({ ScheduleExpression }) => ScheduleExpression);
  return Promise.all(
    rules.map(async (rule) => ({
      event: {
        version: "0",
        id: randomUUID(),
        "detail-type": "Scheduled Event",
        source: "aws.events",
        account: aws.accountId,
        time: eventTime(aws.now()),
        region,
        resources: [rule.Arn],
        detail: {},
      },
      wakes: (await targetsOf(aws, region, rule)).map(({ Arn }) => Arn),
    })),
  );
}

/** moto takes any target; EventBridge looks at what it is to be given. */
function putTargets(input: { readonly Targets: readonly Target[] }, call: Call) {
  call.aws.checkInput("events", "PutTargets", input);
  for (const target of input.Targets) {
    const problem = inputProblem(target) ?? (isLogGroup(target.Arn) ? logTargetProblem(target) : undefined);
    if (problem) throw new AwsError("ValidationException", `${problem} (target ${target.Id})`);
  }
  return call.forward(input);
}

/** The handlers of this file. */
export const eventHandlers: Handlers = { "events:PutTargets": putTargets };
