/** Machines that run jobs, and the role that these jobs have. */
import { randomBytes } from "node:crypto";
import { bootMachine, type Machine } from "../../lab/machine/machine";
import { kill, removeMachine } from "../../lab/machine/machine-power";
import { execIn, shellIn, waitUntil } from "../../lab/machine/machine-shell";
import type { Credentials } from "../../lab/product/plugin-job";
import { IMAGE, metadata, REGION, type World } from "./world";

const NETWORK_MBIT_PER_SECOND = 1000;

const id = (prefix: string) => `${prefix}-0${randomBytes(8).toString("hex")}`;

/** Boots a machine, which has some images on disk. */
export async function bootAgent({ cloud }: World, images: readonly string[]): Promise<Machine> {
  const machine = await bootMachine(cloud.lab, {
    id: id("i"),
    image: IMAGE,
    rootVolumeId: id("vol"),
    networkMbitPerSecond: NETWORK_MBIT_PER_SECOND,
    metadata,
  });
  await waitUntil(`Docker on ${machine.spec.id}`, 60, () => execIn(machine, ["docker", "info"]).catch(() => undefined));
  for (const image of images) await shellIn(machine, `docker pull --quiet ${image}`, { timeoutSeconds: 300 });
  return machine;
}

/** Switches machines off and forgets them. */
export async function removeAgents(machines: readonly Machine[]): Promise<void> {
  for (const machine of machines) {
    await kill(machine);
    await removeMachine(machine);
  }
}

/** The version of a machine's Docker. */
export async function dockerOf(machine: Machine): Promise<string> {
  return (await execIn(machine, ["docker", "version", "--format", "{{.Server.Version}}"])).trim();
}

/** Makes a role that may do all with some services: what jobs may do is not what is measured. @returns its credentials */
export async function roleFor(
  { aws: { aws } }: World,
  RoleName: string,
  services: readonly string[],
): Promise<Credentials> {
  const document = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  const call = <Output>(service: string, action: string, input: object) =>
    aws.call<Output>({ service, action, region: REGION }, input);
  const AssumeRolePolicyDocument = document({ Principal: { AWS: "*" }, Action: "sts:AssumeRole" });
  const made = await call<{ Role: { Arn: string } }>("iam", "CreateRole", { RoleName, AssumeRolePolicyDocument });
  const PolicyDocument = document({ Action: services.map((service) => `${service}:*`), Resource: "*" });
  await call("iam", "PutRolePolicy", { RoleName, PolicyName: "own", PolicyDocument });
  type Assumed = { Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string } };
  const asked = { RoleArn: made.Role.Arn, RoleSessionName: RoleName };
  const { Credentials: given } = await call<Assumed>("sts", "AssumeRole", asked);
  return {
    AWS_ACCESS_KEY_ID: given.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: given.SecretAccessKey,
    AWS_SESSION_TOKEN: given.SessionToken,
  };
}
