/** EventBridge's default bus: rules as Terraform stored them decide which functions an event wakes. moto stores rules and wakes nobody. */
import { randomUUID } from "node:crypto";
import type { Aws } from "../handler";
import type { AwsEvent } from "../hooks";
import { eventTime } from "./ec2/events";

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

/**
 * True if a pattern matches: every key is there, with one of the listed values. Content filters (prefix, numeric and the like) are refused: none of
 * our rules has one.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
 */
export function matchesPattern(pattern: object, event: object): boolean {
  return Object.entries(pattern).every(([key, wanted]: [string, unknown]) => {
    const found = (event as Record<string, unknown>)[key];
    if (!Array.isArray(wanted))
      return typeof found === "object" && found !== null && matchesPattern(wanted as object, found);
    if (wanted.some((one) => typeof one === "object" && one !== null))
      throw new Error(`content filters are not emulated: ${key} is ${JSON.stringify(wanted)}`);
    return Array.isArray(found) ? found.some((one) => wanted.includes(one)) : wanted.includes(found);
  });
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

async function targetsOf(aws: Aws, region: string, { Name }: Rule): Promise<string[]> {
  const target = { service: "events", action: "ListTargetsByRule", region };
  const { Targets = [] } = await aws.moto<{ Targets?: { Arn: string }[] }>(target, { Rule: Name });
  return Targets.map(({ Arn }) => Arn);
}

/** ARNs of what an event wakes in its region, once for each rule that matches. */
export async function wokenBy(aws: Aws, event: AwsEvent): Promise<string[]> {
  const rules = (await rulesOf(aws, event.region)).filter(
    ({ EventPattern }) => EventPattern !== undefined && matchesPattern(JSON.parse(EventPattern), event),
  );
  return (await Promise.all(rules.map((rule) => targetsOf(aws, event.region, rule)))).flat();
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
      wakes: await targetsOf(aws, region, rule),
    })),
  );
}
