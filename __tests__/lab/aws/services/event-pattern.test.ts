import { matchesPattern } from "../../../../lab/aws/services/event-pattern";

const EVENT = {
  source: "aws.ecr",
  count: 3,
  resources: ["arn:a", "arn:b"],
  empty: [],
  nothing: null,
  detail: {
    event: "copySnapshot",
    result: "succeeded",
    error: null,
    on: true,
    nested: { code: "E1" },
    images: [{ tag: "latest", size: 1 }, [{ tag: "v1", size: 2 }], { digest: "sha256:1" }],
  },
};

const cases: [what: string, pattern: object, expected: boolean][] = [
  ["one of the values, at every key", { source: ["aws.ec2", "aws.ecr"], detail: { result: ["succeeded"] } }, true],
  ["another value at one key", { source: ["aws.ecr"], detail: { result: ["failed"] } }, false],
  ["a key that is not there", { detail: { cause: ["x"] } }, false],
  ["a key of another case", { Source: ["aws.ecr"] }, false],
  ["an object where the event has none", { source: { a: ["b"] } }, false],
  ["a value where the event has an object", { detail: ["copySnapshot"] }, false],
  ["a list that has one of the values", { resources: ["arn:b", "arn:c"] }, true],
  ["a list that has none of them", { resources: ["arn:c"] }, false],
  ["a value for an empty list", { empty: ["a"] }, false],
  ["a number", { count: [3] }, true],
  ["a number as text", { count: ["3"] }, false],
  ["a boolean", { detail: { on: [true] } }, true],
  ["null", { detail: { error: [null] } }, true],
  ["null for a missing key", { detail: { cause: [null] } }, false],
  ["keys of one element of a list", { detail: { images: { tag: ["v1"], size: [2] } } }, true],
  ["keys of different elements of a list", { detail: { images: { tag: ["latest"], size: [2] } } }, false],

  ["a prefix", { source: [{ prefix: "aws." }] }, true],
  ["a prefix of one element", { resources: [{ prefix: "arn:b" }] }, true],
  ["another prefix", { source: [{ prefix: "ecr" }] }, false],
  ["a longer prefix", { source: [{ prefix: "aws.ecr.x" }] }, false],
  ["a prefix of a number", { count: [{ prefix: "3" }] }, false],
  ["a prefix of null", { detail: { error: [{ prefix: "n" }] } }, false],
  ["a prefix of a missing key", { detail: { cause: [{ prefix: "" }] } }, false],
  ["the empty prefix", { source: [{ prefix: "" }] }, true],
  ["a prefix or a value, of which the value fits", { source: [{ prefix: "x" }, "aws.ecr"] }, true],

  ["anything but another value", { source: [{ "anything-but": "aws.ec2" }] }, true],
  ["anything but this value", { source: [{ "anything-but": "aws.ecr" }] }, false],
  ["anything but others", { source: [{ "anything-but": ["aws.ec2", "aws.s3"] }] }, true],
  ["anything but some, this among them", { source: [{ "anything-but": ["aws.ec2", "aws.ecr"] }] }, false],
  ["anything but a number", { count: [{ "anything-but": 3 }] }, false],
  ["anything but another number", { count: [{ "anything-but": [1, 2] }] }, true],
  ["anything but the number as text", { count: [{ "anything-but": "3" }] }, true],
  ["anything but a value, of a missing key", { detail: { cause: [{ "anything-but": "x" }] } }, false],
  ["anything but a value, of null", { detail: { error: [{ "anything-but": "x" }] } }, true],
  ["anything but one element of a list", { resources: [{ "anything-but": "arn:a" }] }, true],
  ["anything but every element of a list", { resources: [{ "anything-but": ["arn:a", "arn:b"] }] }, false],
  ["anything but a value, of an empty list", { empty: [{ "anything-but": "x" }] }, false],
  ["anything but another prefix", { source: [{ "anything-but": { prefix: "ecr" } }] }, true],
  ["anything but this prefix", { source: [{ "anything-but": { prefix: "aws." } }] }, false],
  ["anything but a prefix, of a number", { count: [{ "anything-but": { prefix: "3" } }] }, true],
  ["anything but a prefix, of a missing key", { detail: { cause: [{ "anything-but": { prefix: "x" } }] } }, false],

  ["what exists", { source: [{ exists: true }] }, true],
  ["what exists and should not", { source: [{ exists: false }] }, false],
  ["what is missing and should exist", { detail: { cause: [{ exists: true }] } }, false],
  ["what is missing", { detail: { cause: [{ exists: false }] } }, true],
  ["null, which exists", { nothing: [{ exists: true }] }, true],
  ["null, which should not exist", { nothing: [{ exists: false }] }, false],
  ["an empty list, which has no leaf", { empty: [{ exists: false }] }, true],
  ["an object, which is no leaf", { detail: { nested: [{ exists: true }] } }, false],
  ["the absence of a leaf where an object is", { detail: { nested: [{ exists: false }] } }, true],
  ["what is missing below a key that is missing", { other: { cause: [{ exists: false }] } }, true],
  ["what is missing below a text", { source: { cause: [{ exists: false }] } }, true],
  ["what is missing from one element", { detail: { images: { tag: [{ exists: false }] } } }, true],
  ["what is missing or has a value", { detail: { cause: [{ exists: false }, "x"] } }, true],
  ["a key that exists beside one that does not", { detail: { nested: { code: [{ exists: true }], x: ["y"] } } }, false],
];

test.each(cases)("a pattern with %s: %j is %s", (_what, pattern, expected) => {
  expect(matchesPattern(pattern, EVENT)).toBe(expected);
});

test.each<[string, object]>([
  ["suffix", { source: [{ suffix: "ecr" }] }],
  ["wildcard", { source: [{ wildcard: "aws.*" }] }],
  ["numeric", { count: [{ numeric: [">", 1] }] }],
  ["cidr", { source: [{ cidr: "10.0.0.0/8" }] }],
  ["equals-ignore-case", { source: [{ "equals-ignore-case": "AWS.ECR" }] }],
  ["$or", { $or: [{ source: ["aws.ecr"] }, { count: [1] }] }],
  ["a prefix without regard of case", { source: [{ prefix: { "equals-ignore-case": "AWS" } }] }],
  ["two filters in one", { source: [{ prefix: "aws", exists: true }] }],
  ["exists of a text", { source: [{ exists: "true" }] }],
  ["anything but null", { source: [{ "anything-but": null }] }],
  ["anything but true", { source: [{ "anything-but": [true] }] }],
  ["anything but nothing", { source: [{ "anything-but": [] }] }],
  ["anything but texts and numbers", { source: [{ "anything-but": ["a", 1] }] }],
  ["anything but a list of prefixes", { source: [{ "anything-but": { prefix: ["a", "b"] } }] }],
  ["anything but the empty prefix", { source: [{ "anything-but": { prefix: "" } }] }],
  ["anything but a suffix", { source: [{ "anything-but": { suffix: "a" } }] }],
  ["a plain value", { source: "aws.ecr" }],
  ["an empty list", { source: [] }],
  ["a list within a list", { source: [["aws.ecr"]] }],
])("%s is an error, whatever the event", (_what, pattern) => {
  expect(() => matchesPattern(pattern, EVENT)).toThrow();
  // Even if another key settles it already.
  expect(() => matchesPattern({ id: ["none"], ...pattern }, {})).toThrow();
});
