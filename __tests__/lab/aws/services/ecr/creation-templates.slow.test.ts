import {
  CreateRepositoryCreationTemplateCommand,
  type CreateRepositoryCreationTemplateCommandInput,
  DeleteRepositoryCreationTemplateCommand,
  DescribeRepositoryCreationTemplatesCommand,
  ECRClient,
  UpdateRepositoryCreationTemplateCommand,
  type UpdateRepositoryCreationTemplateCommandInput,
} from "@aws-sdk/client-ecr";
import { type Emulated, errorOf, startEmulated } from "../../emulated";

let aws: Emulated;
let ecr: ECRClient;
beforeAll(async () => {
  aws = await startEmulated();
  ecr = new ECRClient(aws.config());
}, 120_000);
afterAll(() => aws?.stop());

const customRoleArn = "arn:aws:iam::123456789012:role/ecr";
const create = (prefix: string, input: Partial<CreateRepositoryCreationTemplateCommandInput> = {}) =>
  ecr.send(new CreateRepositoryCreationTemplateCommand({ prefix, appliedFor: ["PULL_THROUGH_CACHE"], ...input }));
const describe = async (...prefixes: string[]) =>
  (await ecr.send(new DescribeRepositoryCreationTemplatesCommand({ prefixes }))).repositoryCreationTemplates;
const update = (prefix: string, input: Partial<UpdateRepositoryCreationTemplateCommandInput>) =>
  ecr.send(new UpdateRepositoryCreationTemplateCommand({ prefix, ...input }));
const remove = (prefix: string) => ecr.send(new DeleteRepositoryCreationTemplateCommand({ prefix }));

test("a template is created with ECR's defaults, read, changed and deleted", async () => {
  const made = await create("docker-hub", { description: "first" });
  const createdAt = aws.aws.now();
  expect(made).toMatchObject({ registryId: "123456789012" });
  expect(made.repositoryCreationTemplate).toEqual({
    prefix: "docker-hub",
    description: "first",
    appliedFor: ["PULL_THROUGH_CACHE"],
    encryptionConfiguration: { encryptionType: "AES256" },
    imageTagMutability: "MUTABLE",
    resourceTags: [],
    createdAt,
    updatedAt: createdAt,
  });
  await aws.pass(60);
  const resourceTags = [{ Key: "cache", Value: "ci" }];
  await update("docker-hub", { resourceTags, customRoleArn, lifecyclePolicy: '{"rules":[]}', description: "" });
  const [changed] = (await describe("docker-hub")) ?? [];
  expect(changed).toMatchObject({ resourceTags, customRoleArn, lifecyclePolicy: '{"rules":[]}', createdAt });
  expect(changed?.description).toBeUndefined();
  expect(changed?.updatedAt).toEqual(aws.aws.now());
  expect((await remove("docker-hub")).repositoryCreationTemplate?.prefix).toBe("docker-hub");
  expect(await describe("docker-hub")).toEqual([]);
});

test("there may be one for ROOT; lists come in pages", async () => {
  for (const prefix of ["ROOT", "a", "b/c"]) await create(prefix);
  const page = async (nextToken?: string) => {
    const input = { maxResults: 2, nextToken };
    const found = await ecr.send(new DescribeRepositoryCreationTemplatesCommand(input));
    return { next: found.nextToken, prefixes: found.repositoryCreationTemplates?.map(({ prefix }) => prefix) };
  };
  const first = await page();
  expect(first.prefixes).toEqual(["ROOT", "a"]);
  expect(await page(first.next)).toEqual({ prefixes: ["b/c"], next: undefined });
});

test("a prefix that is taken, and one that is not there, are refused", async () => {
  await create("taken");
  expect(await errorOf(create("taken"))).toBe("TemplateAlreadyExistsException");
  // "There is always an assumed / applied to the end of the prefix."
  expect(await errorOf(create("taken/"))).toBe("TemplateAlreadyExistsException");
  expect(await errorOf(update("gone", { description: "x" }))).toBe("TemplateNotFoundException");
  expect(await errorOf(remove("gone"))).toBe("TemplateNotFoundException");
});

test.each<[string, Partial<CreateRepositoryCreationTemplateCommandInput>]>([
  ["a malformed prefix", { prefix: "Upper" }],
  ["a scenario that does not exist", { appliedFor: ["PULL" as "REPLICATION"] }],
  ["no scenario", { appliedFor: [] }],
  ["tags without a role", { resourceTags: [{ Key: "a", Value: "b" }] }],
  ["KMS without a role", { encryptionConfiguration: { encryptionType: "KMS" } }],
  [
    "a key without KMS",
    { encryptionConfiguration: { encryptionType: "AES256", kmsKey: "arn:aws:kms:eu-west-1:123456789012:key/1" } },
  ],
  ["a life cycle that is no JSON", { lifecyclePolicy: "rules" }],
  [
    "exclusions without their mutability",
    { imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "a*" }] },
  ],
  ["a mutability without its exclusions", { imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" }],
])("%s is refused", async (_what, input) => {
  expect(await errorOf(create("refused", input))).toBe("InvalidParameterException");
  expect(await describe("refused")).toEqual([]);
});
