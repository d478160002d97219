import { parseConfig } from "../../../lib/config/load";
import { resolveConfig } from "../../../lib/config/resolve-config";
import { ECR_IN_BILLING } from "../../../stacks/pull-through/budget";
import { type StackJson, synthesize } from "../synthesized";

const KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const TOPIC = "arn:aws:sns:eu-west-1:123456789012:mine";

function read(section: string, region = "{}"): Record<string, StackJson> {
  const text = `regions: { eu-west-1: ${region} }\ncaches: { ci: { images: [alpine] } }\npull_through: ${section}\n`;
  const parsed = parseConfig(text, "x.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return synthesize(resolveConfig(parsed.config));
}

const stackOf = (section: string, region?: string) => read(section, region)["docker-cache-pull-through-eu-west-1"]!;
/** The one resource of a type. */
function one(stack: StackJson, type: string) {
  const found = Object.values(stack.resource[type] ?? {});
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe("what tells of failures", () => {
  const stack = stackOf("{ rules: { quay: { upstream: quay.io } } }");

  test("is a rule on every outcome but success, of our prefixes alone", () => {
    const pattern = one(stack, "aws_cloudwatch_event_rule").event_pattern as string;
    for (const part of [
      '"aws.ecr"',
      '"ECR Pull Through Cache Action"',
      "anything-but",
      '"SUCCESS"',
      '"ecr-public", "quay"',
    ])
      expect(pattern).toContain(part);
  });

  test("writes a line with what happened and where to look", () => {
    const { input_template: template, input_paths: paths } = one(
      stack,
      "aws_cloudwatch_event_target",
    ).input_transformer;
    const filled = Object.keys(paths).reduce(
      (text, name) => text.replaceAll(`<${name}>`, name === "time" ? '"T"' : name),
      template,
    );
    expect(JSON.parse(filled)).toEqual({
      timestamp: "T",
      message:
        "pull through failed: repository repository, tag tag, upstream upstream, code code: reason. What to do: docs/pull-through.md#troubleshooting-by-message",
    });
  });

  test("rings once in five minutes, however many failed, and not of nothing", () => {
    expect(one(stack, "aws_cloudwatch_metric_alarm")).toMatchObject({
      namespace: "AWS/Events",
      metric_name: "MatchedEvents",
      dimensions: { RuleName: "${aws_cloudwatch_event_rule.pull_through_failures.name}" },
      statistic: "Sum",
      period: 300,
      evaluation_periods: 1,
      threshold: 0,
      comparison_operator: "GreaterThanThreshold",
      treat_missing_data: "notBreaching",
    });
  });
});

describe("the budget", () => {
  const budget = (region: string) => one(stackOf("{ monthly_budget_usd: 20.5 }", region), "aws_budgets_budget");

  test("is of ECR in the region, as AWS bills it", () => {
    expect(ECR_IN_BILLING).toBe("Amazon EC2 Container Registry (ECR)");
    expect(budget("{ notifications: { email: a@example.com } }")).toMatchObject({
      name: "docker-cache-pull-through-${data.aws_region.current.id}",
      limit_unit: "USD",
      time_unit: "MONTHLY",
      cost_filter: [
        { name: "Service", values: ["Amazon EC2 Container Registry (ECR)"] },
        { name: "Region", values: ["${data.aws_region.current.id}"] },
      ],
    });
  });

  test("tells an address by itself, of what is spent and of what is forecast", () => {
    const { notification } = budget("{ notifications: { email: a@example.com } }");
    const at = { threshold: 100, threshold_type: "PERCENTAGE", comparison_operator: "GREATER_THAN" };
    expect(notification).toEqual([
      { ...at, notification_type: "ACTUAL", subscriber_email_addresses: ["a@example.com"] },
      { ...at, notification_type: "FORECASTED", subscriber_email_addresses: ["a@example.com"] },
    ]);
  });

  test("tells the user's topic", () => {
    const { notification } = budget(`{ notifications: { topic_arn: "${TOPIC}" } }`);
    expect(notification[0]).toMatchObject({ subscriber_sns_topic_arns: [TOPIC] });
  });

  test("is not there unless it is asked for", () => {
    expect(stackOf("{}").resource.aws_budgets_budget).toBeUndefined();
  });
});

describe("the repositories that ECR makes", () => {
  const template = (section: string, region?: string) =>
    one(stackOf(section, region), "aws_ecr_repository_creation_template");

  test("have tags by which they are ours, and whose copies they are", () => {
    expect(template("{}").resource_tags).toEqual({
      "docker-cache:companion": "pull-through",
      "docker-cache:name": "${each.key}",
    });
  });

  test("have mutable tags and an expiry, or none", () => {
    expect(template("{ expire_after_days: 7 }")).toMatchObject({
      image_tag_mutability: "MUTABLE",
      lifecycle_policy: expect.stringContaining("countNumber = 7"),
    });
    expect(template("{ expire_after_days: null }").lifecycle_policy).toBeUndefined();
  });

  test("are encrypted by the region's key, which their role may use", () => {
    expect(template("{}").encryption_configuration).toBeUndefined();
    const stack = stackOf("{}", `{ kms_key_arn: "${KEY}" }`);
    expect(one(stack, "aws_ecr_repository_creation_template").encryption_configuration).toEqual([
      { encryption_type: "KMS", kms_key: KEY },
    ]);
    expect(JSON.stringify(stack.data.aws_iam_policy_document)).toContain(
      '"actions":["kms:CreateGrant","kms:DescribeKey","kms:RetireGrant"]',
    );
  });
});

test("those who pull may do what a pull takes, below the prefixes, and nothing else", () => {
  const statements = stackOf("{}").data.aws_iam_policy_document!.pull_through_puller.statement as {
    actions: string[];
    resources: string[];
  }[];
  expect(statements.flatMap(({ actions }) => actions).sort()).toEqual([
    ...["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage"],
    ...["ecr:CreateRepository", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "ecr:TagResource"],
  ]);
  const bounded = statements.filter(({ actions }) => !actions.includes("ecr:GetAuthorizationToken"));
  for (const { resources } of bounded)
    expect(resources).toEqual([expect.stringMatching(/:ecr:.*:repository\/ecr-public\/\*$/)]);
});

test("those who run jobs may give new repositories the template's tags and no others", () => {
  const text = "regions: { eu-west-1: {} }\ntags: { team: ci }\npull_through: {}\n";
  const parsed = parseConfig(
    `${text}caches: { ci: { images: [alpine], worker: { pull_through_access: true } } }\n`,
    "x.yaml",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const stacks = synthesize(resolveConfig(parsed.config));
  const tagging = (noun: string, document: string) =>
    stacks[`docker-cache-${noun}-eu-west-1`]!.data.aws_iam_policy_document![document].statement.find(
      ({ sid }: { sid: string }) => sid === "TagNewRepositories",
    ).condition;
  const keys = { test: "ForAllValues:StringEquals", variable: "aws:TagKeys" };
  const values = ["docker-cache:companion", "docker-cache:name", "team"];
  for (const condition of [tagging("pull-through", "pull_through_puller"), tagging("worker", "ci_x86_64_worker")])
    expect(condition).toEqual([expect.objectContaining({ test: "StringEquals" }), { ...keys, values }]);
});

test("a policy that is longer than IAM takes is refused while planning", () => {
  const { lifecycle } = one(stackOf("{}"), "aws_iam_policy");
  expect(lifecycle.precondition).toEqual([
    expect.objectContaining({ condition: expect.stringMatching(/^\$\{length\(replace\(.*<= 6144\}$/) }),
  ]);
});

test("what AWS would share with another module without a word comes after what it would refuse", () => {
  const stack = stackOf("{}");
  const group = "aws_cloudwatch_log_group.pull_through_failures";
  for (const type of ["aws_sns_topic", "aws_cloudwatch_event_rule"])
    expect(one(stack, type).depends_on).toEqual([group]);
  expect(JSON.stringify(one(stack, "aws_cloudwatch_metric_alarm"))).toContain("aws_cloudwatch_event_rule.");
});

test("outputs are those of the module", () => {
  expect(Object.keys(stackOf("{}").output).sort()).toEqual([
    "alarm_topic_arn",
    "public_ecr_cache_prefix",
    "pull_through",
    "puller_policy_arn",
    "registry_url",
  ]);
  expect(stackOf("{}").output.pull_through.value).toEqual({
    "docker.io/library": "ecr-public/docker/library",
    "public.ecr.aws": "ecr-public",
  });
});

test("the section changes the builder's user data and role, and nothing else of the cache", () => {
  const [before, after] = [
    read("{ regions: [eu-west-1], rules: {} }"),
    read("{ rules: { quay: { upstream: quay.io } } }"),
  ];
  for (const noun of ["rotation", "worker"]) {
    const name = `docker-cache-${noun}-eu-west-1`;
    expect(after[name]).toEqual(before[name]);
  }
});
