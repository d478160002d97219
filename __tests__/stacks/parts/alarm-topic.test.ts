/**
 * R14: each service that has something to say of a cache gets it through, to our topic and to the user's. That holds with a customer key and without.
 * Nobody else gets through.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Policy, parsePolicy } from "../../../lab/iam/policy";
import { ROOT } from "../../../lab/tools/project";
import { companionNoun } from "../../../stacks/faces/noun";
import type { Publisher } from "../../../stacks/parts/alarm-topic";
import { blocks } from "../../docs/pages";
import { sampleCache } from "../../fixtures/sample-cache/sample-cache";
import { createSampleCacheModule } from "../../fixtures/sample-cache/sample-cache-module";
import { SampleCacheStack } from "../../fixtures/sample-cache/sample-cache-stack";
import { deployment, region } from "../fixture";
import { type Json, synthesize } from "../synthesized";
import { mayPublish } from "./publish";

const ACCOUNT = "123456789012";
const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:TOPIC`;

/** A policy as IAM reads it, from what Terraform reads. */
function asPolicy(statements: readonly Json[]): Policy {
  const filled = JSON.parse(
    JSON.stringify(statements)
      .replaceAll(/\$\{data\.aws_service_principal\.(\w+)\.name\}/g, "$1.amazonaws.com")
      .replaceAll("${data.aws_partition.current.partition}", "aws")
      .replaceAll("${data.aws_region.current.id}", "eu-west-1")
      .replaceAll("${data.aws_caller_identity.current.account_id}", ACCOUNT)
      .replaceAll("${aws_sns_topic.alarms.arn}", TOPIC),
  ) as Json[];
  return {
    Statement: filled.map(({ sid, actions, resources, principals, condition = [] }) => ({
      Sid: sid,
      Effect: "Allow",
      Principal: { Service: principals[0].identifiers },
      Action: actions,
      Resource: resources,
      Condition: Object.fromEntries(
        condition.map(({ test, variable, values }: Json) => [test, { [variable]: values }]),
      ),
    })),
  };
}

const sample = companionNoun(sampleCache, { Stack: SampleCacheStack, createModule: createSampleCacheModule });
const settings = { noun: "sample-cache", name: "a", tags: {}, permissionsBoundaryArn: null, rolePath: "/" };
const entry = { ...settings, kmsKeyArn: null, logRetentionDays: 1 };

/** Our topic's policy, of a stack that all three services publish from, and of rotation's. */
function ownPolicy(noun: "sample-cache" | "rotation"): Policy {
  const regions = [region({ companions: [entry] })];
  const stacks = synthesize(deployment({ regions }), [sample]);
  const all = noun === "rotation" ? synthesize(deployment({ regions })) : stacks;
  return asPolicy(all[`docker-cache-${noun}-eu-west-1`]!.data.aws_iam_policy_document!.alarms.statement);
}

/** Statements that docs/operations.md documents, by the beginning of their action. */
function documented(action: "kms:" | "sns:"): Policy {
  const page = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
  const statements = blocks(page)
    .filter(({ language, text }) => language === "json" && text.trimStart().startsWith("["))
    .flatMap(({ text }) => parsePolicy(JSON.stringify({ Statement: JSON.parse(text) })).Statement);
  return { Statement: statements.filter(({ Action }) => [Action].flat().every((one) => one.startsWith(action))) };
}

/** Condition keys that each service sends, as its documentation says. */
const SENT: Readonly<Record<Publisher, Readonly<Record<string, string>>>> = {
  cloudwatch: { "aws:SourceAccount": ACCOUNT, "aws:SourceArn": `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:x` },
  events: {},
  budgets: { "aws:SourceAccount": ACCOUNT, "aws:SourceArn": `arn:aws:budgets::${ACCOUNT}:budget/x` },
};
const services = Object.keys(SENT) as Publisher[];
const keyPolicy = documented("kms:");
const call = (service: Publisher, topicPolicy: Policy, more: object = {}) =>
  mayPublish({ topicPolicy, topicArn: TOPIC, service: `${service}.amazonaws.com`, context: SENT[service], ...more });

describe.each([
  ["our topic", ownPolicy("sample-cache")],
  ["a topic of the user's, as documented", documented("sns:")],
])("%s", (_, topicPolicy) => {
  test.each(services)("R14: %s publishes, encrypted by the region's key or not", (service) => {
    expect(call(service, topicPolicy)).toBe(true);
    expect(call(service, topicPolicy, { keyPolicy })).toBe(true);
  });

  test.each(services)("%s publishes nothing with a key that does not admit it", (service) => {
    const Statement = keyPolicy.Statement.filter(({ Principal }) => !JSON.stringify(Principal).includes(service));
    expect(Statement).toHaveLength(keyPolicy.Statement.length - 1);
    expect(call(service, topicPolicy, { keyPolicy: { Statement } })).toBe(false);
  });

  test.each(["cloudwatch", "budgets"] as const)("%s of another account does not", (service) => {
    const context = Object.fromEntries(
      Object.entries(SENT[service]).map(([key, value]) => [key, value.replace(ACCOUNT, "999999999999")]),
    );
    expect(call(service, topicPolicy, { context })).toBe(false);
  });

  test("nobody else does", () => {
    expect(call("cloudwatch", topicPolicy, { service: "s3.amazonaws.com" })).toBe(false);
  });
});

test("rotation's topic lets alarms publish, and nothing that it does not have", () => {
  const policy = ownPolicy("rotation");
  expect(services.filter((service) => call(service, policy))).toEqual(["cloudwatch"]);
});

test("what is documented for a topic of the user's is what ours has", () => {
  const plain = ({ Statement }: Policy) =>
    Statement.map(({ Sid, Action, Principal, Condition = {} }) => ({
      Sid,
      Action: [Action].flat(),
      Principal: JSON.stringify(Principal).replaceAll(/[[\]]/g, ""),
      Condition: JSON.stringify(Condition).replaceAll(/[[\]]/g, ""),
    }));
  expect(plain(documented("sns:"))).toEqual(plain(ownPolicy("sample-cache")));
});
