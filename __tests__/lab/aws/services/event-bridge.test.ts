import type { Aws } from "../../../../lab/aws/handler";
import type { AwsEvent } from "../../../../lab/aws/hooks";
import { onTheWay, scheduledEvents, wakesOf } from "../../../../lab/aws/services/event-bridge";

const PATTERN = { source: ["aws.ec2"], detail: { event: ["createSnapshot", "copySnapshot"], result: ["succeeded"] } };
const event = (id: string, detail: object, region = "eu-west-1") =>
  ({ id, source: "aws.ec2", region, detail, resources: ["a", "b"] }) as unknown as AwsEvent;
const copied = event("1", { event: "copySnapshot", result: "succeeded" });

test.each([
  ["in order", ["1", "2"]],
  ["lost", []],
  ["twice", ["1", "2", "1", "2"]],
  ["backwards", ["2", "1"]],
] as const)("events that come %s", (delivery, ids) => {
  expect(onTheWay([copied, event("2", {})], delivery).map(({ id }) => id)).toEqual(ids);
});

/** Rules in two pages, each with one target of its own name. */
function withRules(
  rules: readonly { Name: string; State?: string; EventPattern?: string; ScheduleExpression?: string }[],
) {
  const pages = [rules.slice(0, 2), rules.slice(2)];
  const moto = async ({ action }: { action: string }, input: { Rule?: string; NextToken?: string }) => {
    if (action === "ListTargetsByRule") return { Targets: [{ Arn: `function-of-${input.Rule}` }] };
    const page = Number(input.NextToken ?? 0);
    const Rules = pages[page]?.map((rule) => ({ Arn: `arn-of-${rule.Name}`, ...rule }));
    return { Rules, NextToken: page === 0 ? "1" : undefined };
  };
  return { moto, accountId: "123456789012", now: () => new Date("2026-01-02T03:04:05.678Z") } as unknown as Aws;
}

const aws = withRules([
  { Name: "every-snapshot", EventPattern: JSON.stringify(PATTERN) },
  { Name: "switched-off", State: "DISABLED", EventPattern: JSON.stringify(PATTERN) },
  { Name: "other", EventPattern: JSON.stringify({ source: ["aws.s3"] }) },
  { Name: "hourly", ScheduleExpression: "rate(60 minutes)" },
]);

test("an event wakes the targets of the rules that match it and are switched on", async () => {
  const woken = (await wakesOf(aws, copied)).map(({ target }) => target.Arn);
  expect(woken).toEqual(["function-of-every-snapshot"]);
});

test("a scheduled rule sends AWS's event to its target", async () => {
  const due = await scheduledEvents(aws, "eu-west-1");
  expect(due).toEqual([
    {
      wakes: ["function-of-hourly"],
      event: {
        version: "0",
        id: expect.any(String),
        "detail-type": "Scheduled Event",
        source: "aws.events",
        account: "123456789012",
        time: "2026-01-02T03:04:05Z",
        region: "eu-west-1",
        resources: ["arn-of-hourly"],
        detail: {},
      },
    },
  ]);
});
