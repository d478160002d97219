import { readerOf } from "../../../lab/iam/context";
import { operatorOf } from "../../../lab/iam/operators";
import { applies, isAllowed, type Policy, parsePolicy, type Statement } from "../../../lab/iam/policy";
import { matches } from "../../../lab/iam/wildcards";

test.each([
  ["arn:aws:ec2:*::snapshot/*", "arn:aws:ec2:eu-west-1::snapshot/snap-1", true],
  ["arn:aws:ec2:*::snapshot/*", "arn:aws:ec2:eu-west-1:1:volume/vol-1", false],
  ["secret-??", "secret-ab", true],
  ["secret-??", "secret-abc", false],
  ["a.b", "axb", false],
])("%s against %s: %s", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

describe("operators: what the policy wants, what the request has", () => {
  test.each<[string, string[], string[] | undefined, boolean]>([
    ["StringEquals", ["a", "b"], ["b"], true],
    ["StringEquals", ["a"], ["A"], false],
    ["StringEquals", ["a"], undefined, false],
    ["StringEqualsIfExists", ["a"], undefined, true],
    ["StringEqualsIfExists", ["a"], ["b"], false],
    ["StringNotEquals", ["a", "b"], ["c"], true],
    ["StringNotEquals", ["a", "b"], ["b"], false],
    ["StringNotEquals", ["a"], undefined, true],
    ["StringLike", ["cache-*"], ["cache-volume"], true],
    ["StringNotLike", ["cache-*"], ["cache-volume"], false],
    ["ArnLike", ["arn:aws:dlm:*:1:policy/*"], ["arn:aws:dlm:eu-west-1:1:policy/p"], true],
    ["ArnLike", ["arn:aws:*:policy/*"], ["arn:aws:dlm:eu-west-1:1:policy/p"], false],
    ["ArnEquals", ["arn:aws:ec2:r:1:launch-template/lt-1"], ["arn:aws:ec2:r:1:launch-template/lt-2"], false],
    ["ArnNotLike", ["arn:aws:iam::1:role/admin"], ["arn:aws:iam::1:role/other"], true],
    ["ArnNotLike", ["arn:aws:iam::1:role/admin"], undefined, true],
    ["Bool", ["true"], ["True"], true],
    ["Bool", ["true"], undefined, false],
    ["Null", ["false"], ["x"], true],
    ["Null", ["false"], undefined, false],
    ["Null", ["true"], [], true],
    ["ForAllValues:StringEquals", ["a", "b"], ["a"], true],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
    ["ForAllValues:StringEquals", ["a"], undefined, true],
    ["ForAllValues:StringNotEquals", ["a"], ["b", "c"], true],
    ["ForAllValues:StringNotEquals", ["a"], ["b", "a"], false],
    ["ForAnyValue:StringEquals", ["a"], ["b", "a"], true],
    ["ForAnyValue:StringEquals", ["a"], undefined, false],
    ["ForAnyValue:StringNotEquals", ["a"], ["a", "b"], true],
    ["ForAnyValue:StringNotEquals", ["a"], undefined, false],
  ])("%s %j, %j: %s", (operator, wanted, given, expected) => {
    expect(operatorOf(operator)(wanted, given)).toBe(expected);
  });

  test("one that is not known here is an error, not a condition that holds or fails", () => {
    expect(() => operatorOf("DateLessThan")).toThrow("DateLessThan is not known here");
  });
});

describe("statements", () => {
  const statement: Statement = {
    Effect: "Allow",
    Action: ["ec2:CreateTags", "ec2:Describe*"],
    Resource: "arn:aws:ec2:r:1:volume/*",
    Condition: {
      StringEquals: { "aws:ResourceTag/docker-cache:name": "ci", "aws:RequestTag/docker-cache:state": ["a", "b"] },
    },
  };
  const facts = { resourceTags: { "docker-cache:name": "ci" }, requestTags: { "docker-cache:state": "b" } };
  const question = { action: "ec2:createtags", resource: "arn:aws:ec2:r:1:volume/v", read: readerOf(facts) };

  test("apply where action, resource and every key of every condition fit; actions in any case", () => {
    expect(applies(statement, question)).toBe(true);
    expect(applies(statement, { ...question, action: "ec2:DeleteTags" })).toBe(false);
    expect(applies(statement, { ...question, resource: "arn:aws:ec2:r:1:instance/i" })).toBe(false);
    const otherTag = readerOf({ ...facts, requestTags: { "docker-cache:state": "c" } });
    expect(applies(statement, { ...question, read: otherTag })).toBe(false);
    const untagged = readerOf({ ...facts, resourceTags: {} });
    expect(applies(statement, { ...question, read: untagged })).toBe(false);
  });

  test("a denial beats any permission; without a permission it is denied", () => {
    const allow: Policy = { Statement: [statement] };
    const deny: Policy = { Statement: [{ ...statement, Effect: "Deny" }] };
    expect(isAllowed([allow], question)).toBe(true);
    expect(isAllowed([allow, deny], question)).toBe(false);
    expect(isAllowed([], question)).toBe(false);
  });

  test("elements, keys and variables that are not known here are errors", () => {
    const read = readerOf({ keys: { "ec2:Region": "r", "ec2:CreateAction": undefined } });
    expect(read("EC2:region")).toEqual(["r"]);
    expect(read("ec2:CreateAction")).toBeUndefined();
    expect(() => read("ec2:Vpc")).toThrow("ec2:Vpc is not known here");
    const document = JSON.stringify({ Statement: { Effect: "Allow", NotAction: "iam:*", Resource: "*" } });
    expect(() => parsePolicy(document)).toThrow("NotAction is not known here");
    const variable = { ...statement, Resource: "arn:aws:ec2:r:1:volume/${aws:username}" };
    expect(() => applies(variable, question)).toThrow("policy variables are not known here");
  });
});
