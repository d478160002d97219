/** Failures that rules write into log groups, by EventBridge itself, and the alarm that counts them. */
import type { AwsEvent, LogLine, Notification } from "../../../lab/aws/hooks";
import { enforcePermissions, type Permissions } from "../../../lab/iam/enforce";
import { route } from "../../../lab/product/routing";
import { type Emulated, REGION, startEmulated } from "../aws/emulated";
import { evaluateEventAlarms, logLines } from "../aws/event-alarms";

let aws: Emulated;
let permissions: Permissions;
const lines: LogLine[] = [];
const told: Notification[] = [];
beforeAll(async () => {
  aws = await startEmulated();
  permissions = enforcePermissions(aws);
  aws.hooks.on("LogLine", (line) => void lines.push(line));
  aws.hooks.on("Notification", (notification) => void told.push(notification));
}, 120_000);
afterAll(() => aws?.stop());
afterEach(async () => {
  lines.length = 0;
  told.length = 0;
  for (const { policyName } of await policies()) await call("logs", "DeleteResourcePolicy", { policyName });
});

const call = <Output = Record<string, string>>(service: string, action: string, input: object) =>
  aws.aws.call<Output>({ service, action, region: REGION }, input);
const policies = async () =>
  (await call<{ resourcePolicies: { policyName: string }[] }>("logs", "DescribeResourcePolicies", {})).resourcePolicies;

const eventOf = (detail: object = {}): AwsEvent => ({
  version: "0",
  id: "1",
  "detail-type": "ECR Pull Through Cache Action",
  source: "aws.ecr",
  account: "123456789012",
  time: "2026-11-21T00:00:00Z",
  region: REGION,
  resources: [],
  detail: { "sync-status": "FAILURE", "repository-name": "hub/x", "image-tag": "1", ...detail },
});
const deliver = (event = eventOf()) =>
  route({ aws: aws.aws, region: REGION, functions: [], run: () => Promise.reject(new Error("none")) }, [event]);

const SERVICES = ["events.amazonaws.com", "delivery.logs.amazonaws.com"];
const ACTIONS = ["logs:CreateLogStream", "logs:PutLogEvents"];
const groupArn = (name: string) => `arn:aws:logs:${REGION}:123456789012:log-group:${name}`;
const statement = (group: string, more: object = {}) => ({
  ...{ Effect: "Allow", Principal: { Service: SERVICES }, Action: ACTIONS, Resource: `${groupArn(group)}:*` },
  ...more,
});
const put = (policyName: string, Statement: object | readonly object[]) =>
  call("logs", "PutResourcePolicy", {
    policyName,
    policyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
  });

const FAILED = {
  source: ["aws.ecr"],
  "detail-type": ["ECR Pull Through Cache Action"],
  detail: { "sync-status": [{ "anything-but": "SUCCESS" }] },
};
const InputTransformer = {
  InputPathsMap: { at: "$.time", repository: "$.detail.repository-name", tag: "$.detail.image-tag" },
  InputTemplate: '{"timestamp": <at>, "message": "the pull of <repository>, tag <tag>, failed"}',
};
const TEXT = "the pull of hub/x, tag 1, failed";

/** A log group and a rule of this name, for which the group is the target. Returns what ends the rule. */
async function logged(name: string, target: object = { InputTransformer }) {
  await call("logs", "CreateLogGroup", { logGroupName: name });
  return ruleTo(name.replaceAll("/", "-"), { Arn: groupArn(name), ...target });
}

async function ruleTo(Name: string, target: object) {
  await call("events", "PutRule", { Name, EventPattern: JSON.stringify(FAILED) });
  await call("events", "PutTargets", { Rule: Name, Targets: [{ Id: "t", ...target }] });
  return () => call("events", "RemoveTargets", { Rule: Name, Ids: ["t"] });
}

test("a failure becomes one line, which a client reads", async () => {
  const end = await logged("/aws/events/failed");
  await put("events", statement("/aws/events/failed"));
  await deliver();
  await deliver(eventOf({ "sync-status": "SUCCESS" }));
  expect(await logLines(aws.aws, REGION, "/aws/events/failed")).toEqual([TEXT]);
  const ruleArn = `arn:aws:events:${REGION}:123456789012:rule/-aws-events-failed`;
  expect(lines).toEqual([
    { region: REGION, logGroup: "/aws/events/failed", ruleArn, message: TEXT, refusal: undefined },
  ]);
  const read = { logGroupName: "/aws/events/failed" };
  const { events } = await call<{ events: object[] }>("logs", "FilterLogEvents", read);
  expect(events).toMatchObject([{ message: TEXT, timestamp: Date.parse("2026-11-21T00:00:00Z") }]);
  await end();
});

test("a field that the event lacks leaves a gap; without a transformer the line is the event", async () => {
  const ends = [await logged("gap"), await logged("whole", {})];
  await put("events", [statement("gap"), statement("whole")]);
  const event = eventOf({ "image-tag": undefined });
  await deliver(event);
  expect(await logLines(aws.aws, REGION, "gap")).toEqual(["the pull of hub/x, tag , failed"]);
  expect(await logLines(aws.aws, REGION, "whole")).toEqual([JSON.stringify(event)]);
  for (const end of ends) await end();
});

test("a quote in a value, which nobody escapes, costs the line, and only the lab says so", async () => {
  const end = await logged("quoted");
  await put("events", statement("quoted"));
  await deliver(eventOf({ "repository-name": 'hub/"x"' }));
  expect(await logLines(aws.aws, REGION, "quoted")).toEqual([]);
  expect(lines).toMatchObject([{ logGroup: "quoted", refusal: expect.stringContaining("makes no JSON") }]);
  await end();
});

const CONDITION = (action: string) => ({
  Action: action,
  Condition: { ArnLike: { "aws:SourceArn": "arn:aws:events:*:*:rule/*" } },
});
test.each<[string, (group: string) => object[], [string, string]]>([
  ["no policy", () => [], ["events.amazonaws.com", "logs:CreateLogStream"]],
  [
    "a policy for EventBridge alone",
    (group) => [statement(group, { Principal: { Service: "events.amazonaws.com" } })],
    ["delivery.logs.amazonaws.com", "logs:CreateLogStream"],
  ],
  [
    "a policy for lines, not for streams",
    (group) => [statement(group, { Action: "logs:PutLogEvents" })],
    ["events.amazonaws.com", "logs:CreateLogStream"],
  ],
  ["a policy for another group", () => [statement("other")], ["events.amazonaws.com", "logs:CreateLogStream"]],
  [
    "a policy for the group without its streams",
    (group) => [statement(group, { Resource: groupArn(group) })],
    ["events.amazonaws.com", "logs:CreateLogStream"],
  ],
  // For a new stream EventBridge does not say which rule it is.
  [
    "a condition on the rule",
    (group) => ACTIONS.map((action) => statement(group, CONDITION(action))),
    ["events.amazonaws.com", "logs:CreateLogStream"],
  ],
  [
    "a denial",
    (group) => [statement(group), statement(group, { Effect: "Deny", Principal: "*", Action: "logs:PutLogEvents" })],
    ["events.amazonaws.com", "logs:PutLogEvents"],
  ],
])("with %s nothing arrives, and only the lab says so", async (what, statements, [caller, action]) => {
  const group = what.replaceAll(/\W/g, "-");
  const end = await logged(group);
  const given = statements(group);
  if (given.length > 0) await put("events", given);
  const before = permissions.denied.length;
  await deliver();
  expect(await logLines(aws.aws, REGION, group)).toEqual([]);
  expect(lines).toMatchObject([{ message: TEXT }]);
  expect(lines[0]?.refusal).toContain(`AccessDeniedException: User: ${caller} is not authorized to perform: ${action}`);
  const resource = expect.stringMatching(`^${groupArn(group)}:log-stream:.`);
  expect(permissions.denied.slice(before)).toEqual([{ caller, action, resource }]);
  await end();
});

test("a condition on the rule is fine for lines alone", async () => {
  const end = await logged("conditioned");
  await put("events", [
    statement("conditioned", { Action: "logs:CreateLogStream" }),
    statement("conditioned", CONDITION("logs:PutLogEvents")),
  ]);
  await deliver();
  expect(await logLines(aws.aws, REGION, "conditioned")).toEqual([TEXT]);
  await end();
});

test("a group that is not there gets nothing", async () => {
  const end = await ruleTo("gone", { Arn: groupArn("gone"), InputTransformer });
  await put("events", statement("gone"));
  await deliver();
  expect(lines[0]?.refusal).toMatch(/^ResourceNotFoundException/);
  await end();
});

test("EventBridge refuses a log group with what it could not use", async () => {
  const Arn = groupArn("refused");
  const template = (InputTemplate: string) => ({ Arn, InputTransformer: { ...InputTransformer, InputTemplate } });
  for (const target of [
    { Arn, RoleArn: "arn:aws:iam::123456789012:role/r" },
    { Arn: `${Arn}:*` },
    { Arn, Input: '{"timestamp": "2026-11-21T00:00:00Z", "message": "m"}' },
    { Arn, InputPath: "$.detail" },
    template('"<repository>"'),
    template('{"message": "<repository>"}'),
    template('{"timestamp": <at>, "message": "<repository>", "more": 1}'),
  ])
    await expect(ruleTo("refused", target)).rejects.toMatchObject({ code: "ValidationException" });
});

test("a policy that CloudWatch Logs would not take is refused, and so is the eleventh", async () => {
  const others = [statement("g", { Action: "logs:*" }), statement("g", { Action: "logs:GetLogEvents" }), {}];
  for (const other of others)
    await expect(put("other", other)).rejects.toMatchObject({ code: "InvalidParameterException" });
  const broken = { policyName: "p", policyDocument: "text" };
  await expect(call("logs", "PutResourcePolicy", broken)).rejects.toMatchObject({ code: "InvalidParameterException" });
  for (const name of Array.from({ length: 10 }, (_, n) => `p${n}`)) await put(name, statement("g"));
  await put("p9", statement("h"));
  await expect(put("p10", statement("g"))).rejects.toMatchObject({ code: "LimitExceededException" });
});

describe("an alarm on the rule's MatchedEvents", () => {
  const ALARM = {
    AlarmName: "failures",
    ActionsEnabled: true,
    Namespace: "AWS/Events",
    MetricName: "MatchedEvents",
    Dimensions: [{ Name: "RuleName", Value: "counted" }],
    Statistic: "Sum",
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
  };
  const AlarmArn = `arn:aws:cloudwatch:${REGION}:123456789012:alarm:failures`;
  let TopicArn: string;
  beforeAll(async () => {
    ({ TopicArn = "" } = await call("sns", "CreateTopic", { Name: "counted" }));
    await call("events", "PutRule", { Name: "counted", EventPattern: JSON.stringify(FAILED) });
    await setPolicy({ StringEquals: { "aws:SourceAccount": "123456789012" }, ArnLike: { "aws:SourceArn": AlarmArn } });
    await alarm({ AlarmActions: [TopicArn] });
    await evaluateEventAlarms(aws.aws, REGION);
  });
  afterAll(() => call("events", "DeleteRule", { Name: "counted" }));

  const alarm = (more: object) => call("monitoring", "PutMetricAlarm", { ...ALARM, ...more });
  const setPolicy = (Condition: object) => {
    const Principal = { Service: "cloudwatch.amazonaws.com" };
    const Statement = [{ Effect: "Allow", Principal, Action: "sns:Publish", Resource: TopicArn, Condition }];
    const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement });
    return call("sns", "SetTopicAttributes", { TopicArn, AttributeName: "Policy", AttributeValue });
  };
  const look = async (seconds: number) => {
    await aws.pass(seconds);
    await evaluateEventAlarms(aws.aws, REGION);
    return told.map(({ message }) => JSON.parse(message).NewStateValue);
  };

  test("many failures in five minutes are one message, and the next outage is another", async () => {
    expect(await look(0)).toEqual([]);
    await deliver();
    expect(await look(60)).toEqual(["ALARM"]);
    for (let worker = 0; worker < 3; worker += 1) await deliver();
    await deliver(eventOf({ "sync-status": "SUCCESS" }));
    expect(await look(60)).toEqual(["ALARM"]);
    expect(aws.aws.state(REGION).matchedEvents.counted).toHaveLength(4);
    expect(told).toMatchObject([{ topicArn: TopicArn, sourceArn: AlarmArn, refusal: undefined }]);
    expect(await look(600)).toEqual(["ALARM"]);
    await deliver();
    expect(await look(60)).toEqual(["ALARM", "ALARM"]);
    await look(600);
  });

  test("a topic whose policy is for another alarm gets nothing", async () => {
    await setPolicy({ ArnLike: { "aws:SourceArn": `${AlarmArn}-other` } });
    await deliver();
    await look(60);
    expect(told[0]?.refusal).toContain("User: cloudwatch.amazonaws.com is not authorized to perform: SNS:Publish");
    await look(600);
  });

  test.each<[string, object[]]>([
    ["two dimensions", [...ALARM.Dimensions, { Name: "EventBusName", Value: "default" }]],
    ["another rule's name", [{ Name: "RuleName", Value: "count" }]],
  ])("with %s it never fires", async (_what, Dimensions) => {
    await alarm({ Dimensions, AlarmActions: [TopicArn] });
    await deliver();
    expect(await look(60)).toEqual([]);
    await look(600);
  });

  test("what is not emulated is an error", async () => {
    for (const more of [
      { Statistic: "Average" },
      { TreatMissingData: "breaching" },
      { ComparisonOperator: "LessThanThreshold" },
    ]) {
      await alarm(more);
      await expect(look(0)).rejects.toThrow("is not emulated");
    }
  });
});
