import {
  CreatePullThroughCacheRuleCommand,
  DeletePullThroughCacheRuleCommand,
  DescribePullThroughCacheRulesCommand,
  ECRClient,
  UpdatePullThroughCacheRuleCommand,
} from "@aws-sdk/client-ecr";
import { type Emulated, errorOf, REGION, startEmulated } from "../../emulated";

let aws: Emulated;
let ecr: ECRClient;
beforeAll(async () => {
  aws = await startEmulated();
  ecr = new ECRClient(aws.config());
}, 120_000);
afterAll(() => aws?.stop());

const secret = (name: string) => `arn:aws:secretsmanager:${REGION}:123456789012:secret:ecr-pullthroughcache/${name}`;
const create = (ecrRepositoryPrefix: string, upstreamRegistryUrl: string, credentialArn?: string) =>
  ecr.send(new CreatePullThroughCacheRuleCommand({ ecrRepositoryPrefix, upstreamRegistryUrl, credentialArn }));
const describe = (...ecrRepositoryPrefixes: string[]) =>
  ecr.send(new DescribePullThroughCacheRulesCommand({ ecrRepositoryPrefixes }));

test("a rule is created, read, changed and deleted", async () => {
  await create("quay", "quay.io");
  await create("docker-hub", "registry-1.docker.io", secret("hub"));
  const { pullThroughCacheRules } = await describe("docker-hub");
  expect(pullThroughCacheRules).toEqual([
    expect.objectContaining({
      ecrRepositoryPrefix: "docker-hub",
      upstreamRegistryUrl: "registry-1.docker.io",
      credentialArn: secret("hub"),
      registryId: "123456789012",
      createdAt: expect.any(Date),
    }),
  ]);
  const credentialArn = secret("other");
  await ecr.send(new UpdatePullThroughCacheRuleCommand({ ecrRepositoryPrefix: "docker-hub", credentialArn }));
  expect((await describe("docker-hub")).pullThroughCacheRules?.[0]?.credentialArn).toBe(credentialArn);
  await ecr.send(new DeletePullThroughCacheRuleCommand({ ecrRepositoryPrefix: "docker-hub" }));
  expect(await errorOf(describe("docker-hub"))).toBe("PullThroughCacheRuleNotFoundException");
  const all = await ecr.send(new DescribePullThroughCacheRulesCommand({}));
  expect(all.pullThroughCacheRules?.map((rule) => rule.ecrRepositoryPrefix)).toEqual(["quay"]);
});

test("a prefix that is taken, a registry without its login, and a malformed prefix or secret are refused", async () => {
  await create("twice", "quay.io");
  expect(await errorOf(create("twice", "quay.io"))).toBe("PullThroughCacheRuleAlreadyExistsException");
  expect(await errorOf(create("ghcr", "ghcr.io"))).toBe("InvalidParameterException");
  expect(await errorOf(create("Upper", "quay.io"))).toBe("InvalidParameterException");
  const elsewhere = `arn:aws:secretsmanager:${REGION}:123456789012:secret:another-prefix/hub`;
  expect(await errorOf(create("hub", "registry-1.docker.io", elsewhere))).toBe("InvalidParameterException");
});
