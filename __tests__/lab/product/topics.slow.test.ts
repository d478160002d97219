/** Alarms: events that rules send to topics, by EventBridge itself, whose messages a subscribed queue gets. */
import type { AwsEvent, Notification } from "../../../lab/aws/hooks";
import { enforcePermissions, type Permissions } from "../../../lab/iam/enforce";
import { route } from "../../../lab/product/routing";
import { type Emulated, REGION, startEmulated } from "../aws/emulated";

let aws: Emulated;
let permissions: Permissions;
const told: Notification[] = [];
beforeAll(async () => {
  aws = await startEmulated();
  permissions = enforcePermissions(aws);
  aws.hooks.on("Notification", (notification) => void told.push(notification));
}, 120_000);
afterAll(() => aws?.stop());
beforeEach(() => {
  told.length = 0;
});

const call = <Output = Record<string, string>>(service: string, action: string, input: object) =>
  aws.aws.call<Output>({ service, action, region: REGION }, input);

const EVENT: AwsEvent = {
  version: "0",
  id: "1",
  "detail-type": "ECR Pull Through Cache Action",
  source: "aws.ecr",
  account: "123456789012",
  time: "2026-11-21T00:00:00Z",
  region: REGION,
  resources: [],
  detail: { "sync-status": "FAILED", "repository-name": "hub/x" },
};
const deliver = (event = EVENT) =>
  route({ aws: aws.aws, region: REGION, functions: [], run: () => Promise.reject(new Error("none")) }, [event]);

type Principal = "*" | Record<string, string | string[]>;
const statement = (more: object = {}, Principal: Principal = { Service: "events.amazonaws.com" }) => ({
  ...{ Effect: "Allow", Principal, Action: "sns:Publish", Resource: "*" },
  ...more,
});

/** A topic with a policy of these statements, its own by default, and a queue that gets its messages. */
async function topic(Name: string, statements?: readonly object[]) {
  const { TopicArn = "" } = await call("sns", "CreateTopic", { Name });
  const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  if (statements) await call("sns", "SetTopicAttributes", { TopicArn, AttributeName: "Policy", AttributeValue });
  const { QueueUrl } = await call("sqs", "CreateQueue", { QueueName: Name });
  const Endpoint = `arn:aws:sqs:${REGION}:123456789012:${Name}`;
  await call("sns", "Subscribe", { TopicArn, Protocol: "sqs", Endpoint });
  const messages = async () => {
    // A message is seen once time has passed.
    await aws.pass(1);
    const found = await call<{ Messages?: { Body: string }[] }>("sqs", "ReceiveMessage", { QueueUrl });
    return (found.Messages ?? []).map(({ Body }) => (JSON.parse(Body) as { Message: string }).Message);
  };
  return { TopicArn, messages };
}

async function rule(Name: string, EventPattern: object, target: object) {
  await call("events", "PutRule", { Name, EventPattern: JSON.stringify(EventPattern) });
  await call("events", "PutTargets", { Rule: Name, Targets: [{ Id: "t", ...target }] });
  return () => call("events", "RemoveTargets", { Rule: Name, Ids: ["t"] });
}

const FAILED = { source: ["aws.ecr"], detail: { "sync-status": [{ "anything-but": "SUCCESS" }] } };
const InputTransformer = {
  InputPathsMap: { repository: "$.detail.repository-name", status: "$.detail.sync-status" },
  InputTemplate: '"The pull of <repository> ended with <status> (<aws.events.rule-name>)."',
};
const TEXT = '"The pull of hub/x ended with FAILED (alarm)."';

test("a subscriber gets the transformer's text, and a listener can read it", async () => {
  const { TopicArn, messages } = await topic("alarms", [statement()]);
  const remove = await rule("alarm", FAILED, { Arn: TopicArn, InputTransformer });
  expect(await deliver()).toEqual([]);
  const sourceArn = `arn:aws:events:${REGION}:123456789012:rule/alarm`;
  expect(told).toEqual([{ region: REGION, topicArn: TopicArn, sourceArn, message: TEXT, refusal: undefined }]);
  expect(await messages()).toEqual([TEXT]);
  // The other outcome is none of the rule's business.
  await deliver({ ...EVENT, detail: { "sync-status": "SUCCESS" } });
  expect(told).toHaveLength(1);
  expect(await messages()).toEqual([]);
  expect(permissions.denied).toEqual([]);
  await remove();
});

test.each<[string, object, string]>([
  ["the event", {}, JSON.stringify(EVENT)],
  ["a part of it", { InputPath: "$.detail.sync-status" }, '"FAILED"'],
  ["a constant", { Input: '"help"' }, '"help"'],
])("without a transformer it gets %s", async (_what, settings, expected) => {
  const { TopicArn, messages } = await topic("plain", [statement({}, "*")]);
  const remove = await rule("alarm", FAILED, { Arn: TopicArn, ...settings });
  await deliver();
  expect(await messages()).toEqual([expected]);
  await remove();
});

test.each<[string, readonly object[] | undefined]>([
  ["a policy of its own", undefined],
  ["a policy for another service", [statement({}, { Service: "cloudwatch.amazonaws.com" })]],
  ["a policy for the account", [statement({}, { AWS: "arn:aws:iam::123456789012:root" })]],
  ["a policy for another topic", [statement({ Resource: `arn:aws:sns:${REGION}:123456789012:other` })]],
  ["a policy for another action", [statement({ Action: "sns:Subscribe" })]],
  // EventBridge does not say for whom it publishes.
  [
    "a condition on the rule",
    [statement({ Condition: { ArnLike: { "aws:SourceArn": "arn:aws:events:*:*:rule/*" } } })],
  ],
  ["a denial", [statement(), statement({ Effect: "Deny" }, { AWS: "*" })]],
])("a topic with %s gets nothing, and only the lab says so", async (what, statements) => {
  const { TopicArn, messages } = await topic(what.replaceAll(" ", "-"), statements);
  const remove = await rule("alarm", FAILED, { Arn: TopicArn, InputTransformer });
  const before = permissions.denied.length;
  await deliver();
  expect(told).toMatchObject([{ topicArn: TopicArn, message: TEXT }]);
  expect(told[0]?.refusal).toContain("AuthorizationError: User: events.amazonaws.com is not authorized to perform");
  const denied = { caller: "events.amazonaws.com", action: "SNS:Publish", resource: TopicArn };
  expect(permissions.denied.slice(before)).toEqual([denied]);
  expect(await messages()).toEqual([]);
  await remove();
});

test("a topic that is not there is refused, too", async () => {
  const remove = await rule("alarm", FAILED, { Arn: `arn:aws:sns:${REGION}:123456789012:gone`, InputTransformer });
  await deliver();
  expect(told[0]?.refusal).toMatch(/^NotFound/);
  await remove();
});

test("EventBridge refuses a target whose input it could not make", async () => {
  const { TopicArn } = await topic("refused", [statement()]);
  const put = (settings: object) => rule("alarm", FAILED, { Arn: TopicArn, ...settings });
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`v${n}`, "$.id"]));
  for (const settings of [
    { InputTransformer: { InputTemplate: "no quotes" } },
    { InputTransformer: { InputTemplate: '"<unknown>"' } },
    { InputTransformer: { InputTemplate: '"x"', InputPathsMap: many } },
    { InputTransformer, InputPath: "$" },
  ])
    await expect(put(settings)).rejects.toMatchObject({ code: "ValidationException" });
});
