/** Pulls that failed, as the stack tells of them: a line each, if EventBridge may write it, and one message for an outage. */
import type { LogLine, Notification } from "../../../lab/aws/hooks";
import { emit } from "../../../lab/aws/services/ec2/events";
import { enforcePermissions, type Permissions } from "../../../lab/iam/enforce";
import { route } from "../../../lab/product/routing";
import { pullThroughNames } from "../../../lib/contract";
import { evaluateEventAlarms, logLines } from "../../lab/aws/event-alarms";
import { openWorkbench, type Workbench } from "../terraform";
import { pullThroughAlone, REGION, STACK } from "./fixture";

jest.setTimeout(300_000);

const { logGroup, failures } = pullThroughNames(REGION);
let bench: Workbench;
let permissions: Permissions;
const lines: LogLine[] = [];
const told: Notification[] = [];
beforeAll(async () => {
  bench = await openWorkbench();
  await bench.synthesize(pullThroughAlone({ pull_through: { rules: { quay: { upstream: "quay.io" } } } }));
  await bench.apply(STACK);
  permissions = enforcePermissions(bench.aws);
  bench.aws.hooks.on("LogLine", (line) => void lines.push(line));
  bench.aws.hooks.on("Notification", (notification) => void told.push(notification));
});
afterAll(() => bench?.close());
beforeEach(() => {
  lines.length = 0;
});

const FAILED = {
  "rule-version": "1",
  "sync-status": "FAILURE",
  "ecr-repository-prefix": "quay",
  "repository-name": "quay/org/image",
  "upstream-registry-url": "quay.io",
  "image-tag": "1",
  "failure-code": "UnableToGetUpstreamImage",
  "failure-reason": "quay.io answered 429 for org/image/manifests/1",
};

/** ECR tells of an import, which goes the way that the stack has made for it. */
async function importEnds(detail: object): Promise<void> {
  const { aws } = bench.aws;
  const event = await emit(aws, {
    region: REGION,
    source: "aws.ecr",
    "detail-type": "ECR Pull Through Cache Action",
    resources: [],
    detail: { ...FAILED, ...detail },
  });
  await route({ aws, region: REGION, functions: [], run: () => Promise.reject(new Error("none")) }, [event]);
}

it("each is a line that says what, where, why and what to do, and an outage is one message", async () => {
  await evaluateEventAlarms(bench.aws.aws, REGION);
  for (let worker = 0; worker < 3; worker += 1) await importEnds({});
  await evaluateEventAlarms(bench.aws.aws, REGION);
  await importEnds({});
  await evaluateEventAlarms(bench.aws.aws, REGION);
  const written = await logLines(bench.aws.aws, REGION, logGroup);
  expect(written).toHaveLength(4);
  expect(written[0]).toBe(
    "pull through failed: repository quay/org/image, tag 1, upstream quay.io, code UnableToGetUpstreamImage: quay.io answered 429 for org/image/manifests/1. What to do: docs/pull-through.md#troubleshooting-by-message",
  );
  const alarms = told.map(({ message, refusal }) => ({ ...JSON.parse(message), refusal }));
  expect(alarms).toMatchObject([{ AlarmName: failures, NewStateValue: "ALARM", refusal: undefined }]);
  expect(permissions.denied).toEqual([]);
});

it.each<[string, object, string]>([
  ["without a tag", { "image-tag": undefined }, "repository quay/org/image, tag , upstream quay.io"],
  [
    "without a code",
    { "failure-code": undefined, "failure-reason": undefined },
    "upstream quay.io, code : . What to do",
  ],
  ["with a status that nobody knows", { "sync-status": "PARTIAL" }, "repository quay/org/image, tag 1"],
])("one %s has its line", async (_what, detail, part) => {
  await importEnds(detail);
  expect(lines).toMatchObject([{ message: expect.stringContaining(part), refusal: undefined }]);
});

it.each<[string, object]>([
  ["a success", { "sync-status": "SUCCESS" }],
  ["a failure below another's prefix", { "ecr-repository-prefix": "theirs" }],
  ["a failure below a prefix that begins alike", { "ecr-repository-prefix": "quay-mirror" }],
])("%s is none of our business", async (_what, detail) => {
  await importEnds(detail);
  expect(lines).toEqual([]);
});

it("a reason with a quote may lose its line, and never the alarm", async () => {
  const before = bench.aws.aws.state(REGION).matchedEvents[failures]?.length ?? 0;
  await importEnds({ "failure-reason": 'the secret "ci" is gone' });
  expect(lines).toMatchObject([{ refusal: expect.stringContaining("makes no JSON") }]);
  expect(bench.aws.aws.state(REGION).matchedEvents[failures]).toHaveLength(before + 1);
});
