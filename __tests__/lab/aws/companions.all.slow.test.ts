/**
 * Resources of the companions, by real Terraform: what moto lacks of them is the front's. The provider waits five seconds before it reads a budget, on
 * every plan.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { AwsEvent, Notification } from "../../../lab/aws/hooks";
import { enforcePermissions, type Permissions } from "../../../lab/iam/enforce";
import { route } from "../../../lab/product/routing";
import { type Emulated, REGION, startEmulated } from "./emulated";
import { evaluateEventAlarms, logLines } from "./event-alarms";
import { terraformIn } from "./terraform";

jest.setTimeout(300_000);

let aws: Emulated;
let permissions: Permissions;
let terraform: ReturnType<typeof terraformIn>;
const CHANGED = "-var=changed=true";

const EVENT: AwsEvent = {
  version: "0",
  id: "1",
  "detail-type": "ECR Pull Through Cache Action",
  source: "aws.ecr",
  account: "123456789012",
  time: "2026-11-21T00:00:00Z",
  region: REGION,
  resources: [],
  detail: {},
};

beforeAll(async () => {
  aws = await startEmulated();
  permissions = enforcePermissions(aws);
  terraform = terraformIn(join(__dirname, "companions"), aws);
  await terraform.must("init", "-input=false");
  await terraform.must("apply", "-auto-approve", "-input=false");
});
afterAll(async () => {
  if (terraform) rmSync(terraform.folder, { recursive: true, force: true });
  await aws?.stop();
});

test("a second plan says: no changes", async () => {
  expect(await terraform.changes()).toBe("");
});

test("the budget has what it was given", () => {
  const { budget, notifications, tags } = aws.regions["us-east-1"]?.budgets["companions-registry"] ?? {};
  expect(budget?.BudgetLimit).toEqual({ Amount: "100.0", Unit: "USD" });
  expect(notifications?.map(({ subscribers }) => subscribers.length).sort()).toEqual([1, 2]);
  expect(tags).toContainEqual({ Key: "cache", Value: "ci" });
});

test("an alarm that Terraform wrote reaches its topic", async () => {
  const told: Notification[] = [];
  aws.hooks.on("Notification", (notification) => void told.push(notification));
  const detail = {
    "sync-status": "FAILED",
    "ecr-repository-prefix": "quay",
    "upstream-registry-url": "quay.io",
    "repository-name": "quay/acme/app",
    "failure-code": "UpstreamUnavailable",
  };
  const event = { ...EVENT, detail };
  await route({ aws: aws.aws, region: REGION, functions: [], run: () => Promise.reject(new Error("none")) }, [event]);
  const message = '"ECR could not pull quay/acme/app: UpstreamUnavailable."\n"See the page."\n';
  expect(told).toMatchObject([{ message, refusal: undefined }]);
  expect(await logLines(aws.aws, REGION, "/aws/events/companions")).toEqual(["failed: quay/acme/app"]);
  await evaluateEventAlarms(aws.aws, REGION);
  await evaluateEventAlarms(aws.aws, REGION);
  const [, ...alarms] = told.map(({ message: text }) => text);
  expect(alarms.map((text) => JSON.parse(text).AlarmName)).toEqual(["companions-failed-pull"]);
});

test("each is changed in place, and a plan of the change is empty afterwards", async () => {
  const plan = await terraform.must("plan", "-input=false", CHANGED);
  expect(plan).toMatch(/Plan: 0 to add, [1-9]\d* to change, 0 to destroy/);
  await terraform.must("apply", "-auto-approve", "-input=false", CHANGED);
  expect(await terraform.changes(CHANGED)).toBe("");
  const { budget, notifications } = aws.regions["us-east-1"]?.budgets["companions-registry"] ?? {};
  expect(budget?.BudgetLimit?.Amount).toBe("50.5");
  expect(notifications?.map(({ subscribers }) => subscribers.length).sort()).toEqual([1, 3]);
});

test("nothing was refused on the way", () => {
  expect(permissions.denied).toEqual([]);
});

test("it is all destroyed", async () => {
  await terraform.must("destroy", "-auto-approve", "-input=false");
  const { creationTemplates, buildProjects } = aws.regions[REGION] ?? {};
  // Budgets is global.
  const { budgets } = aws.regions["us-east-1"] ?? {};
  for (const records of [creationTemplates, buildProjects, budgets]) expect(records).toEqual({});
});
