/** P7: a job's image of dependencies: built because nobody has it, pulled from ECR, and on disk already; in turns. */
import { randomBytes } from "node:crypto";
import { bootMachine, type Machine } from "../../lab/machine/machine";
import { kill, removeMachine } from "../../lab/machine/machine-power";
import { execIn, shellIn, waitUntil } from "../../lab/machine/machine-shell";
import { calm, type JobRequests, watchRequests } from "../../lab/product/job-requests";
import { type Credentials, installPlugin, runJob } from "../../lab/product/plugin-job";
import { LANGUAGE } from "./commands";
import type { Circumstances, ImageResults, ImageTurn, ImageWay } from "./results";
import { IMAGE, metadata, REGION, type World } from "./world";

const REPOSITORY = "build-cache/bench";
const NETWORK_MBIT_PER_SECOND = 1000;
/** Packages of the language image that the build installs: each has 320 modules, which it copies and compiles. */
const PACKAGES = 2;
/** Time for which the build works besides, as a compiler does or a slow source: what installing dependencies takes, and does not leave behind. */
const WORK_SECONDS = 90;

const id = (prefix: string) => `${prefix}-0${randomBytes(8).toString("hex")}`;

/** As an installation of dependencies does: it writes many files, and works. Each turn's is another one, which no build cache has. */
const dockerfile = (turn: number) => `FROM ${LANGUAGE}
RUN : turn ${turn} && mkdir /opt/own && cd /opt/lab && cp -r $(ls | grep language | head -n ${PACKAGES}) /opt/own && python3 -m compileall -q -f /opt/own
RUN : turn ${turn} && python3 -c 'import time; end = time.time() + ${turn === 0 ? 0 : WORK_SECONDS}; any(iter(lambda: time.time() > end, True))'
`;

/** Boots two machines that have the base image, and runs each turn's job on the first, on the second, and there again. */
export async function measureImages(
  world: World,
  repetitions: number,
  say: (line: string) => void,
): Promise<Omit<ImageResults, Exclude<keyof Circumstances, "docker">>> {
  const machines: Machine[] = [];
  const jobs: Jobs = { as: await pusher(world), requests: watchRequests(world.aws, world.ecr) };
  try {
    await Promise.all(["builds", "pulls"].map(async () => machines.push(await bootAgent(world))));
    const [builds, pulls] = machines as [Machine, Machine];
    const docker = await execIn(builds, ["docker", "version", "--format", "{{.Server.Version}}"]);
    // The base's layers reach the repository with the first push, and are known as the repository's on a machine that has pulled from it, or has a
    // cache with images_from.
    for (const machine of [builds, pulls]) await measureJob(jobs, machine, 0);
    const ways: Record<ImageWay, ImageTurn[]> = { miss: [], registry: [], disk: [] };
    for (let turn = 1; turn <= repetitions; turn++) {
      for (const [way, machine] of [
        ["miss", builds],
        ["registry", pulls],
        ["disk", pulls],
      ] as const) {
        const measured = await measureJob(jobs, machine, turn);
        ways[way].push({ turn, ...measured });
        say(`turn ${turn}: ${way}: ${measured.seconds.toFixed(2)} s, ${measured.requests} requests`);
      }
    }
    return { docker: docker.trim(), ways };
  } finally {
    for (const machine of machines) {
      await kill(machine);
      await removeMachine(machine);
    }
  }
}

async function bootAgent({ cloud }: World): Promise<Machine> {
  const machine = await bootMachine(cloud.lab, {
    id: id("i"),
    image: IMAGE,
    rootVolumeId: id("vol"),
    networkMbitPerSecond: NETWORK_MBIT_PER_SECOND,
    metadata,
  });
  await waitUntil(`Docker on ${machine.spec.id}`, 60, () => execIn(machine, ["docker", "info"]).catch(() => undefined));
  await shellIn(machine, `docker pull --quiet ${LANGUAGE}`, { timeoutSeconds: 300 });
  await installPlugin(machine);
  return machine;
}

interface Jobs {
  readonly as: Credentials;
  readonly requests: JobRequests;
}

/** Runs a job, and counts what it asks of AWS. */
async function measureJob({ as, requests }: Jobs, machine: Machine, turn: number): Promise<Omit<ImageTurn, "turn">> {
  calm(requests);
  const { status, seconds, log } = await runJob(machine, {
    as,
    options: { "ecr-name": REPOSITORY },
    files: { Dockerfile: dockerfile(turn) },
    command: "true",
  });
  if (status !== 0) throw new Error(`the job ended with ${status}: ${log}`);
  // What it wrote would be written while the next one is timed.
  await shellIn(machine, "sync");
  return { seconds: Math.round(seconds * 1000) / 1000, requests: requests.api.length + requests.registry.length };
}

/** Credentials of a role that may do all with ECR: what jobs may do is not what is measured. */
async function pusher({ aws: { aws } }: World): Promise<Credentials> {
  const RoleName = "bench";
  const document = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  const call = <Output>(service: string, action: string, input: object) =>
    aws.call<Output>({ service, action, region: REGION }, input);
  const AssumeRolePolicyDocument = document({ Principal: { AWS: "*" }, Action: "sts:AssumeRole" });
  const made = await call<{ Role: { Arn: string } }>("iam", "CreateRole", { RoleName, AssumeRolePolicyDocument });
  const PolicyDocument = document({ Action: "ecr:*", Resource: "*" });
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
