/** What pull-through may have beside its rules, by real Terraform: a budget, a customer key; and rules that the account has already. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { automated } from "../../../lab/product/terraform";
import { findTerraform } from "../../../lab/tools/terraform";
import { ECR_IN_BILLING } from "../../../stacks/pull-through/budget";
import { KEY_ARN } from "../fixture";
import { openWorkbench, type Workbench } from "../terraform";
import {
  changesIn,
  createSecret,
  documentedImports,
  failureOf,
  makeBefore,
  pullThroughAlone,
  REGION,
  RULES,
  STACK,
} from "./fixture";

jest.setTimeout(600_000);

const TEMPLATE = "aws_ecr_repository_creation_template.pull_through_upstreams";
const BUDGET = `docker-cache-pull-through-${REGION}`;
const TOPIC = `arn:aws:sns:${REGION}:123456789012:team`;

let bench: Workbench;
afterEach(() => bench?.close());
beforeEach(async () => {
  bench = await openWorkbench();
  await createSecret(bench.aws);
});

async function plan(pull_through: object, region?: object): Promise<string | undefined> {
  await bench.synthesize(pullThroughAlone({ pull_through: { rules: RULES, ...pull_through }, region }));
  return bench.plan(STACK);
}

/** Applies, and shows that nothing is left to do. */
async function applied(): Promise<void> {
  await bench.apply(STACK);
  expect(await bench.plan(STACK)).toBeUndefined();
}

const budgets = () => bench.aws.regions["us-east-1"]?.budgets ?? {};
const told = () =>
  budgets()[BUDGET]!.notifications.map(({ notification, subscribers }) => [
    `${notification.NotificationType} ${notification.ComparisonOperator} ${notification.Threshold} ${notification.ThresholdType}`,
    ...subscribers.map(({ SubscriptionType, Address }) => `${SubscriptionType} ${Address}`),
  ]);

test("a budget is of ECR in the region, and told to an address, then to a topic; without one it goes", async () => {
  await plan({ monthly_budget_usd: 20 });
  await applied();
  expect(ECR_IN_BILLING).toBe("Amazon EC2 Container Registry (ECR)");
  expect(budgets()[BUDGET]!.budget).toMatchObject({
    BudgetLimit: { Amount: "20.0", Unit: "USD" },
    CostFilters: { Service: ["Amazon EC2 Container Registry (ECR)"], Region: [REGION] },
    TimeUnit: "MONTHLY",
  });
  const by = (subscriber: string) =>
    ["ACTUAL", "FORECASTED"].map((type) => [`${type} GREATER_THAN 100 PERCENTAGE`, subscriber]);
  expect(told().sort()).toEqual(by("EMAIL ops@example.com"));
  const changed = changesIn(await plan({ monthly_budget_usd: 12.5 }, { notifications: { topic_arn: TOPIC } }));
  expect(changed).toContain("updated aws_budgets_budget.pull_through_ecr");
  await applied();
  expect(budgets()[BUDGET]!.budget.BudgetLimit?.Amount).toBe("12.5");
  expect(told().sort()).toEqual(by(`SNS ${TOPIC}`));
  expect(changesIn(await plan({}, { notifications: { topic_arn: TOPIC } }))).toEqual([
    "destroyed aws_budgets_budget.pull_through_ecr",
  ]);
  await bench.apply(STACK);
  expect(budgets()).toEqual({});
});

test("a customer key encrypts repositories to come, log group and topic; its role may use it", async () => {
  await plan({});
  await bench.apply(STACK);
  const keyed = { kms_key_arn: KEY_ARN, notifications: { email: "ops@example.com" } };
  const changes = changesIn(await plan({}, keyed));
  const touched = [
    ...["docker-hub", "ecr-public", "quay"].map((prefix) => `${TEMPLATE}["${prefix}"]`),
    "aws_cloudwatch_log_group.pull_through_failures",
    "aws_iam_role_policy.pull_through_repositories",
    "aws_sns_topic.pull_through_alarms",
    // Their policies name them, and are worked out when these are known to have changed.
    ...["aws_cloudwatch_log_resource_policy.pull_through_failures", "aws_sns_topic_policy.pull_through_alarms"],
  ];
  expect(changes.filter((change) => !change.startsWith("read "))).toEqual(
    touched.map((address) => `updated ${address}`).sort(),
  );
  await applied();
  for (const template of Object.values(bench.aws.regions[REGION]!.creationTemplates))
    expect(template.encryptionConfiguration).toEqual({ encryptionType: "KMS", kmsKey: KEY_ARN });
});

/** By Terraform in the stack's own folder, as docs/pull-through.md says. */
async function imported(given: readonly string[]): Promise<void> {
  const folder = join(bench.folder, "cdktf.out/stacks", STACK);
  const argv = ["import", "-input=false", ...given];
  await promisify(execFile)(findTerraform()!, [`-chdir=${folder}`, ...argv], {
    env: { ...process.env, ...bench.aws.env, ...(await automated(folder, argv, bench.aws.provider)) },
  });
}

test("a rule that the account has already fails the apply, and imported it is ours", async () => {
  await makeBefore(bench.aws);
  await plan({});
  expect(await failureOf(bench.apply(STACK))).toContain("AlreadyExists");
  const { commands } = documentedImports();
  expect(commands).toHaveLength(2);
  for (const given of commands) await imported(given);
  await applied();
  expect(bench.aws.regions[REGION]!.creationTemplates.quay?.customRoleArn).toContain("docker-cache-pull-through");
});
