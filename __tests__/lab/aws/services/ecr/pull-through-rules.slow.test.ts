import {
  CreatePullThroughCacheRuleCommand,
  DeletePullThroughCacheRuleCommand,
  DescribePullThroughCacheRulesCommand,
  ECRClient,
  UpdatePullThroughCacheRuleCommand,
  ValidatePullThroughCacheRuleCommand,
} from "@aws-sdk/client-ecr";
import { type Emulated, errorOf, REGION, startEmulated } from "../../emulated";

let aws: Emulated;
let ecr: ECRClient;
beforeAll(async () => {
  aws = await startEmulated();
  ecr = new ECRClient(aws.config());
}, 120_000);
afterAll(() => aws?.stop());

/** Makes a secret. Returns its ARN. */
async function secret(name: string, SecretString = '{"username":"u","accessToken":"t"}'): Promise<string> {
  const target = { service: "secretsmanager", action: "CreateSecret", region: REGION };
  return (await aws.aws.call<{ ARN: string }>(target, { Name: `ecr-pullthroughcache/${name}`, SecretString })).ARN;
}
const create = (ecrRepositoryPrefix: string, upstreamRegistryUrl: string, credentialArn?: string) =>
  ecr.send(new CreatePullThroughCacheRuleCommand({ ecrRepositoryPrefix, upstreamRegistryUrl, credentialArn }));
const update = (ecrRepositoryPrefix: string, credentialArn: string) =>
  ecr.send(new UpdatePullThroughCacheRuleCommand({ ecrRepositoryPrefix, credentialArn }));
const describe = (...ecrRepositoryPrefixes: string[]) =>
  ecr.send(new DescribePullThroughCacheRulesCommand({ ecrRepositoryPrefixes }));

test("a rule is created, read, changed and deleted", async () => {
  const [hub, other] = [await secret("hub"), await secret("other")];
  await create("quay", "quay.io");
  await create("docker-hub", "registry-1.docker.io", hub);
  const { pullThroughCacheRules } = await describe("docker-hub");
  expect(pullThroughCacheRules).toEqual([
    expect.objectContaining({
      ecrRepositoryPrefix: "docker-hub",
      upstreamRegistryUrl: "registry-1.docker.io",
      credentialArn: hub,
      registryId: "123456789012",
      createdAt: expect.any(Date),
    }),
  ]);
  await update("docker-hub", other);
  expect((await describe("docker-hub")).pullThroughCacheRules?.[0]?.credentialArn).toBe(other);
  await ecr.send(new DeletePullThroughCacheRuleCommand({ ecrRepositoryPrefix: "docker-hub" }));
  expect(await errorOf(describe("docker-hub"))).toBe("PullThroughCacheRuleNotFoundException");
  const all = await ecr.send(new DescribePullThroughCacheRulesCommand({}));
  expect(all.pullThroughCacheRules?.map((rule) => rule.ecrRepositoryPrefix)).toEqual(["quay"]);
});

const GONE = `arn:aws:secretsmanager:${REGION}:123456789012:secret:ecr-pullthroughcache/gone-AbCdEf`;

test("a prefix that is taken, a registry without its login, and a malformed prefix or secret are refused", async () => {
  await create("twice", "quay.io");
  expect(await errorOf(create("twice", "quay.io"))).toBe("PullThroughCacheRuleAlreadyExistsException");
  expect(await errorOf(create("ghcr", "ghcr.io"))).toBe("InvalidParameterException");
  expect(await errorOf(create("Upper", "quay.io"))).toBe("InvalidParameterException");
  const elsewhere = `arn:aws:secretsmanager:${REGION}:123456789012:secret:another-prefix/hub`;
  expect(await errorOf(create("hub", "registry-1.docker.io", elsewhere))).toBe("InvalidParameterException");
});

test("a secret that is not there, and a registry that ECR does not know, are refused; nothing is made", async () => {
  expect(await errorOf(create("gone", "ghcr.io", GONE))).toBe("SecretNotFoundException");
  expect(await errorOf(create("unknown", "registry.example.com"))).toBe("UnsupportedUpstreamRegistryException");
  expect(await errorOf(describe("gone"))).toBe("PullThroughCacheRuleNotFoundException");
  await create("kept", "ghcr.io", await secret("kept"));
  expect(await errorOf(update("kept", GONE))).toBe("SecretNotFoundException");
});

test.each([
  ["a login", '{"username":"u","accessToken":"t"}', true],
  ["JSON without a token", '{"username":"u"}', false],
  ["no JSON", "token", false],
])("a rule whose secret holds %s is validated", async (_, text, isValid) => {
  const prefix = `valid-${text.length}`;
  await create(prefix, "ghcr.io", await secret(prefix, text));
  const answer = await ecr.send(new ValidatePullThroughCacheRuleCommand({ ecrRepositoryPrefix: prefix }));
  expect([answer.isValid, typeof answer.failure]).toEqual([isValid, isValid ? "undefined" : "string"]);
});
