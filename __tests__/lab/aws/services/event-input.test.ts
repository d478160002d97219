import type { AwsEvent } from "../../../../lab/aws/hooks";
import { type InputSettings, inputOf, inputProblem } from "../../../../lab/aws/services/event-input";

const EVENT = {
  version: "0",
  id: "1",
  "detail-type": "ECR Pull Through Cache Action",
  source: "aws.ecr",
  account: "123456789012",
  time: "2026-11-21T00:00:00Z",
  region: "eu-west-1",
  resources: ["arn:one", "arn:two"],
  detail: { name: "hub/x", size: 5, ok: false, none: null, tags: ["a", "b"], reason: { code: "E1" }, said: 'a "word"' },
} as const satisfies AwsEvent;
const { detail: _detail, ...WITHOUT_DETAIL } = EVENT;

const matched = {
  event: EVENT,
  ruleArn: "arn:aws:events:eu-west-1:123456789012:rule/alarm",
  ruleName: "alarm",
  ingestedAt: new Date("2026-11-21T00:00:01.500Z"),
};
const PATHS = {
  name: "$.detail.name",
  type: "$.detail-type",
  size: "$.detail.size",
  ok: "$.detail.ok",
  none: "$.detail.none",
  tags: "$.detail.tags",
  tag: "$.detail.tags[1]",
  arn: "$.resources[0]",
  reason: "$.detail.reason",
  said: "$.detail.said",
  gone: "$.detail.gone",
  far: "$.resources[2]",
  length: "$.detail.tags.length",
  below: "$.source.x",
  all: "$",
};
const transformed = (InputTemplate: string, InputPathsMap: Record<string, string> = PATHS) =>
  inputOf({ InputTransformer: { InputPathsMap, InputTemplate } }, matched);

test.each<[string, InputSettings, string]>([
  ["the event", {}, JSON.stringify(EVENT)],
  ["a constant", { Input: '{"a": 1}' }, '{"a": 1}'],
  ["a part", { InputPath: "$.detail.reason" }, '{"code":"E1"}'],
  ["a text of it, which is JSON too", { InputPath: "$.detail.name" }, '"hub/x"'],
])("a target gets %s", (_what, settings, expected) => {
  expect(inputOf(settings, matched)).toBe(expected);
});

test.each<[string, string, string]>([
  ["texts in a string", '"<type> of <name>."', '"ECR Pull Through Cache Action of hub/x."'],
  ["numbers and the like in a string", '"<size> <ok> <none>"', '"5 false null"'],
  ["elements of lists", '"<tag> <arn>"', '"b arn:one"'],
  ["objects and lists in a string, which lose their quotes", '"<reason> <tags>"', '"{code:E1} [a,b]"'],
  ["a path that finds nothing", '"[<gone><far><length><below>]"', '"[]"'],
  [
    "the rule and the time",
    '"<aws.events.rule-name> <aws.events.event.ingestion-time>"',
    '"alarm 2026-11-21T00:00:01Z"',
  ],
  ["escaped quotes", '"it is \\"<name>\\""', '"it is \\"hub/x\\""'],
  ["several lines", '"first <name>"\n"second <size>"', '"first hub/x"\n"second 5"'],
  ["values in JSON", '{"a": <name>, "b": [<size>, <ok>, <none>]}', '{"a": "hub/x", "b": [5, false, null]}'],
  ["objects and lists in JSON", '{"a": <reason>, "b": <tags>}', '{"a": {"code":"E1"}, "b": ["a","b"]}'],
  ["strings in JSON", '{"a": "is <name>"}', '{"a": "is hub/x"}'],
  ["the rule in JSON", '{"a": <aws.events.rule-arn>}', `{"a": "${matched.ruleArn}"}`],
  ["the event in JSON", '{"a": <aws.events.event.json>}', `{"a": ${JSON.stringify(EVENT)}}`],
  ["the event without its detail", '{"a": <aws.events.event>}', `{"a": ${JSON.stringify(WITHOUT_DETAIL)}}`],
  ["no variable", '"text"', '"text"'],
  ["one half of brackets", '"1 < 2"', '"1 < 2"'],
])("a template with %s", (_what, template, expected) => {
  expect(transformed(template)).toBe(expected);
});

test.each<[string, string]>([
  ["a quote in a string, which nobody escapes", '"<said>"'],
  ["a quote in a text of JSON", '{"a": <said>}'],
  ["a value of JSON that is not there", '{"a": <gone>}'],
])("%s makes no JSON, which is an error", (_what, template) => {
  expect(() => transformed(template)).toThrow("makes no JSON");
});

test.each(["detail.name", "$.detail['name']", "$.detail.*", "$..name", "$.resources[-1]", "$.resources[0:1]"])(
  "the path %s is not emulated",
  (path) => {
    expect(() => transformed('"<a>"', { a: path })).toThrow("is not emulated");
    expect(() => inputOf({ InputPath: path }, matched)).toThrow("is not emulated");
  },
);

test("what EventBridge sends for a part that is not there is not known", () => {
  expect(() => inputOf({ InputPath: "$.detail.gone" }, matched)).toThrow("is not known");
});

const template = (InputTemplate: string, InputPathsMap: Record<string, string> = PATHS): InputSettings => ({
  InputTransformer: { InputTemplate, InputPathsMap },
});

test.each<[string, InputSettings, string]>([
  ["two of the three", { Input: "{}", InputPath: "$" }, "Only one of"],
  ["a constant that is no JSON", { Input: "text" }, "JSON syntax error"],
  ["a name of AWS's own", template('"x"', { "AWS.x": "$" }), "must not define AWS.x"],
  ["a variable that is not defined", template('"<other>"'), "invalid placeholder other"],
  ["a reserved name that does not exist", template('"<aws.events.other>"'), "invalid placeholder aws.events.other"],
  ["whatever stands in brackets", template('"1 < 2, 3 > 2"'), "invalid placeholder"],
  ["a string without quotes", template("<name> is here"), "neither JSON nor"],
  ["a string that does not end", template('"<name>'), "neither JSON nor"],
  ["a variable as a key", template("{<name>: 1}"), "neither JSON nor"],
  ["the event in a string", template('"<aws.events.event.json>"'), "elsewhere than"],
  ["the event alone", template("<aws.events.event>"), "elsewhere than"],
])("%s is refused", (_what, settings, problem) => {
  expect(inputProblem(settings)).toContain(problem);
  expect(() => inputOf(settings, matched)).toThrow(problem);
});

test("none of the three, or one, is taken", () => {
  for (const settings of [{}, { Input: "1" }, { InputPath: "$.x" }, template('"<name>"')])
    expect(inputProblem(settings)).toBeUndefined();
});
