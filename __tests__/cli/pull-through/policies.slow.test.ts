/** The commands by roles that may do what docs/policies says and nothing else, in an emulated AWS that judges each call. */
import { assumeRole } from "../../../lab/aws/services/assume-role";
import { enforcePermissions } from "../../../lab/iam/enforce";
import { readPolicy } from "../../docs/policies/iam";
import { HERE, openWorld, SECTION, type World } from "./world";

jest.setTimeout(300_000);

let world: World;
beforeAll(async () => {
  world = await openWorld();
  enforcePermissions(world.aws);
  world.configure({ regions: { [HERE]: {} }, pull_through: SECTION });
  await world.deploy(HERE, "docker-hub", "registry-1.docker.io");
  await world.deploy(HERE, "ecr-public", "public.ecr.aws");
  await world.pull(HERE, "docker-hub/library/debian", "docker-hub", 1);
  await world.repository(HERE, "docker-hub/mine");
});
afterAll(() => world?.stop());

const RoleName = "operator";
const iam = (action: string, input: object) => world.aws.aws.call({ service: "iam", action, region: HERE }, input);

/** The commands run as a role. The SDK's clients keep its key, so it gets other rights instead of being another role. */
beforeAll(async () => {
  const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await iam("CreateRole", { RoleName, AssumeRolePolicyDocument });
  const roleArn = `arn:aws:iam::123456789012:role/${RoleName}`;
  const { AccessKeyId } = await assumeRole(world.aws.aws, HERE, { roleArn, service: "ec2" });
  process.env.AWS_ACCESS_KEY_ID = AccessKeyId;
});

/** Lets the role do what a policy of the page says, and nothing else. */
async function allow(policy: string): Promise<void> {
  await iam("PutRolePolicy", { RoleName, PolicyName: "own", PolicyDocument: JSON.stringify(readPolicy(policy)) });
}

test("command-pull-through: url, env and list work, and validate but for the pull, which nothing answers here; purge deletes nothing", async () => {
  await allow("command-pull-through");
  const { status, stdout } = await world.cli("pull-through", "list");
  expect([status, stdout]).toEqual([0, expect.stringContaining("2 repositories, 1 images")]);
  expect((await world.cli("pull-through", "url", "debian")).status).toBe(0);
  expect((await world.cli("pull-through", "env")).status).toBe(0);
  const validated = await world.cli("pull-through", "validate");
  expect(validated.stdout.match(/fault: .*/g)).toEqual([expect.stringContaining("fault: you cannot pull: ")]);
  const purged = await world.cli("pull-through", "purge", "--region", HERE, "--confirm", "pull-through");
  expect(purged.status).toBe(1);
  expect(purged.stdout).toMatch(/failed: docker-hub\/library\/debian: .*ecr:DeleteRep/);
});

test("command-status: status finds what is left without a rule, in all regions", async () => {
  for (const prefix of ["docker-hub", "ecr-public"]) await world.destroy(HERE, prefix);
  await allow("command-status");
  const { status, stdout } = await world.cli("status");
  expect([status, stdout.split("; ")[0]]).toEqual([
    0,
    `${HERE} pull-through: left over: 1 repositories below docker-hub, without a rule`,
  ]);
});

test("command-pull-through-purge: purge deletes what is ours, in all regions", async () => {
  await allow("command-pull-through-purge");
  const { status, stdout } = await world.cli("pull-through", "purge", "--confirm", "pull-through");
  expect([status, stdout]).toEqual([
    0,
    `${HERE} deleted: docker-hub/library/debian\n${HERE} stays: docker-hub/mine: below our prefix, without our tags\n`,
  ]);
});
