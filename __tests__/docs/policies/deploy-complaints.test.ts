import { unknownNames, unnamed } from "./deploy-complaints";

const block = { one: { name: "docker-cache-x" } };

describe("names of which nothing is known", () => {
  test.each(["name", "bucket", "function_name", "dashboard_name", "alarm_name"])("%s is a name", (attribute) => {
    expect(unknownNames({ resource: { aws_new: { one: { [attribute]: "docker-cache-x" } } } })).toEqual([
      "aws_new has a name: add it to NAMED, or to UNNAMED, in __tests__/docs/policies/deploy-complaints.ts",
    ]);
  });

  test("a type without a name has none", () => {
    expect(unknownNames({ resource: { aws_new: { one: { description: "x" } } } })).toEqual([]);
  });

  test("those in a policy's pattern, and those in none on purpose, are known", () => {
    expect(unknownNames({ resource: { aws_sqs_queue: block, aws_launch_template: block } })).toEqual([]);
  });
});

describe("patterns of a policy", () => {
  const name = "docker-cache-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}";
  const filled = "docker-cache-000000000000-eu-west-1";

  test.each([
    ["aws_budgets_budget", "name", "budgets:ModifyBudget", `arn:aws:budgets::1:budget/${filled}`],
    ["aws_codebuild_project", "name", "codebuild:CreateProject", `arn:aws:codebuild:r:1:project/${filled}`],
    ["aws_ecr_repository", "name", "ecr:CreateRepository", `arn:aws:ecr:r:1:repository/${filled}`],
    ["aws_iam_policy", "name", "iam:CreatePolicy", `arn:aws:iam::1:policy/${filled}`],
    ["aws_s3_bucket", "bucket", "s3:CreateBucket", `arn:aws:s3:::${filled}`],
  ])("fit %s or are told", (type, attribute, action, arn) => {
    const resource = { [type]: { one: { [attribute]: name } } };
    const policy = (pattern: string) => ({
      Version: "2012-10-17",
      Statement: [{ Sid: "One", Effect: "Allow" as const, Action: action, Resource: pattern }],
    });
    expect(unnamed({ resource }, policy(arn))).toEqual([]);
    expect(unnamed({ resource }, policy(arn.replace("docker-cache", "other")))).toEqual([arn]);
  });

  test("fit nothing that Terraform names by itself", () => {
    const policy = { Version: "2012-10-17", Statement: [] };
    expect(unnamed({ resource: { aws_s3_bucket: { one: { bucket_prefix: "docker-cache" } } } }, policy)).toEqual([
      "arn:aws:s3:::",
    ]);
  });
});
