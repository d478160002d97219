/** A deployment with pull-through: rules, caches that build through them, and upstream registries that can be switched off. */
import type { AwsEvent } from "../../../lab/aws/hooks";
import { execIn } from "../../../lab/machine/machine-shell";
import { type Deployed, deploy } from "../../../lab/product/deploy";
import { bootWorker, dockerRun, terminate } from "../../../lab/product/machine-loop";
import type { RegistryFault, RegistryRequest } from "../../../lab/registry/registry-faults";
import { cacheId } from "../../../lib/contract";
import { type Build, blankVolume, build, type CacheLab, configureImages, REGION, rotate } from "../cloud/cache-lab";
import { writeSmallImage } from "../registry/small-image";

export const HUB = "registry-1.docker.io";
export const OWN = `123456789012.dkr.ecr.${REGION}.amazonaws.com`;
const LOGIN = { username: "someone", accessToken: "token" };
export type Store = "overlay2" | "containerd";

/** An image of the caches: reference in the configuration, repository upstream, and the one in ECR of each cache. */
export interface LabImage {
  readonly reference: string;
  readonly host: string;
  readonly name: string;
  readonly inEcr: Readonly<Record<Store, string>>;
}

const both = (repository: string) => ({ overlay2: repository, containerd: repository });
export const IMAGES: readonly LabImage[] = [
  {
    reference: "steady:1",
    host: HUB,
    name: "library/steady",
    // The cache with overlay2 has a map of its own, the other one takes the rules as they are.
    inEcr: { overlay2: "ecr-public/docker/library/steady", containerd: "docker-hub/library/steady" },
  },
  { reference: "someone/tool:1", host: HUB, name: "someone/tool", inEcr: both("docker-hub/someone/tool") },
  { reference: "quay.io/org/image:1", host: "quay.io", name: "org/image", inEcr: both("quay/org/image") },
];
/** The one that is listed by tag and digest. */
const PINNED = "org/pinned";

const config = (stores: readonly Store[]) => `
regions: { ${REGION}: {} }
pull_through:
  rules:
    docker-hub: { upstream: docker.io, secret_name: ecr-pullthroughcache/docker-hub }
    quay: { upstream: quay.io }
caches:${stores
  .map(
    (store) => `
  ${store}:
    image_store: ${store}
    images: [ ${IMAGES.map(({ reference }) => `"${reference}"`).join(", ")} ]
    pull_through: ${store === "overlay2" ? "{ docker.io: docker-hub, docker.io/library: ecr-public/docker/library, quay.io: quay }" : "null"}
    volume: { size_gib: 4 }
    worker: { min_free_gib: 1, volume: { size_gib: 4 } }`,
  )
  .join("")}
`;

/** The deployment, and what happens around it. */
export interface PullThroughLab {
  readonly deployed: Deployed;
  /** Requests that the upstream registries have seen, of ECR and of builders. */
  readonly seen: RegistryRequest[];
  /** Events of ECR. */
  readonly events: AwsEvent[];
  /** May be set: what is wrong with the upstream registries. */
  upstream: (request: RegistryRequest) => RegistryFault | undefined;
}

/** Docker Hub knows ECR by the login in its secret; builders have none. */
export const isOfEcr = ({ authorization }: RegistryRequest) =>
  authorization === `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.accessToken}`).toString("base64")}`;

export async function startPullThroughLab(stores: readonly Store[]): Promise<PullThroughLab> {
  const seen: RegistryRequest[] = [];
  const events: AwsEvent[] = [];
  let lab: PullThroughLab | undefined;
  const deployed = await deploy({
    config: config(stores),
    faults: (request) => {
      seen.push(request);
      return lab?.upstream(request);
    },
    before: async ({ aws, hooks }) => {
      const secret = { Name: "ecr-pullthroughcache/docker-hub", SecretString: JSON.stringify(LOGIN) };
      await aws.call({ service: "secretsmanager", action: "CreateSecret", region: REGION }, secret);
      hooks.on("Event", (event) => void (event.source === "aws.ecr" && events.push(event)));
    },
  });
  lab = { deployed, seen, events, upstream: () => undefined };
  return lab;
}

/** Everything as it is on a good day, and nothing seen. */
export function calm(lab: PullThroughLab): void {
  lab.upstream = () => undefined;
  lab.deployed.ecr.faults = () => undefined;
  lab.seen.length = 0;
  lab.events.length = 0;
}

/** What was written: digests by reference, and the reference of the image that is listed by tag and digest. */
export interface Written {
  readonly digests: Readonly<Record<string, string>>;
  readonly pinned: string;
}

/** Writes the images upstream. Official ones are in ECR Public, too. */
export async function writeImages({ deployed }: PullThroughLab, seed: string, only?: string): Promise<Written> {
  const storage = deployed.cloud.registry?.storage ?? "";
  const write = (name: string, as = name, multiPlatform = false) =>
    writeSmallImage(storage, { name, seed, multiPlatform, command: ["/bin/sh", "-c", `echo ${greeting(as, seed)}`] });
  const digests: Record<string, string> = {};
  for (const { name, reference } of IMAGES.filter((image) => !only || image.name === only)) {
    const isOfficial = name.startsWith("library/");
    digests[reference] = await write(name, name, !isOfficial);
    if (isOfficial) await write(`docker/${name}`, name);
  }
  return { digests, pinned: `quay.io/${PINNED}:1@${await write(PINNED)}` };
}

/** What an image says if it is run. */
export const greeting = (name: string, seed: string) => `hello from ${name} ${seed}`;

/** Sets the cache's list of images, with `more` lines. */
export const listImages = (cache: CacheLab, ...more: string[]) =>
  configureImages(cache, [...IMAGES.map(({ reference }) => reference), ...more]);

/** Builds on a blank volume and promotes what came of it. */
export async function buildAnew(cache: CacheLab): Promise<Build> {
  blankVolume(cache);
  const done = await build(cache);
  await rotate(cache);
  return done;
}

/** Deletes what ECR has, so that it is fetched again. */
export async function forgetAll({ deployed }: PullThroughLab): Promise<void> {
  const { aws } = deployed.aws;
  for (const repositoryName of Object.keys(aws.state(REGION).ecrRepositories))
    await aws.call({ service: "ecr", action: "DeleteRepository", region: REGION }, { repositoryName, force: true });
}

/** What a worker says of its cache, what its images say, and names that it has of ECR, while every registry is off. */
export async function runAll(lab: PullThroughLab, cache: CacheLab, references: readonly string[]): Promise<string[]> {
  const { deployed } = lab;
  lab.upstream = () => ({ kind: "hang-up" });
  deployed.ecr.faults = () => ({ kind: "hang-up" });
  const { machine, status } = await bootWorker(deployed.loop, deployed.cloud, REGION, cacheId(cache.cache, "x86_64"));
  const said = [`${status.state}${status.reason}`];
  for (const reference of references) said.push((await dockerRun(machine, reference, "--pull", "never")).output.trim());
  const names = await execIn(machine, ["docker", "image", "ls", "--all", "--digests"], { timeoutSeconds: 60 });
  said.push(...names.split("\n").filter((line) => line.includes("amazonaws")));
  await terminate(deployed.loop, REGION, machine);
  calm(lab);
  return said;
}

/** Gives a role one more statement while something is done. */
export async function withPolicy(
  { aws }: Deployed,
  RoleName: string,
  statement: object,
  work: () => Promise<void>,
): Promise<void> {
  const iam = (action: string, input: object) =>
    aws.aws.call({ service: "iam", action, region: "us-east-1" }, { RoleName, PolicyName: "test", ...input });
  await iam("PutRolePolicy", { PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) });
  try {
    await work();
  } finally {
    await iam("DeleteRolePolicy", {});
  }
}
