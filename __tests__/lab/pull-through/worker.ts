/**
 * A worker whose cache was filled through ECR, without a deployment: images below Docker Hub's names, each asked for once, so that no attempt
 * changes what another finds.
 */
import { readFileSync } from "node:fs";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { blobPath } from "../../../lab/registry/image-store";
import type { RegistryFault, RegistryRequest } from "../../../lab/registry/registry-faults";
import type { Generation } from "../../level";
import { allow, type Client, type EcrLab, ecrApi, HOST, logIn, logInOn, REGION, startEcrLab } from "../ecr/ecr-lab";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { writeSmallImage } from "../registry/small-image";

export const HUB = "registry-1.docker.io";
/** What whoever pulls through ECR may do. */
export const PULLER = [
  ...["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
];

/** Makes a rule for Docker Hub, with its secret, and one for ECR Public. */
export async function makeRules(lab: EcrLab): Promise<void> {
  const secret = {
    Name: "ecr-pullthroughcache/docker-hub",
    SecretString: JSON.stringify({ username: "someone", accessToken: "token" }),
  };
  const target = { service: "secretsmanager", action: "CreateSecret", region: REGION };
  const { ARN: credentialArn } = await lab.aws.aws.call<{ ARN: string }>(target, secret);
  const rule = (ecrRepositoryPrefix: string, upstreamRegistryUrl: string, more: object = {}) =>
    ecrApi(lab, "CreatePullThroughCacheRule", { ecrRepositoryPrefix, upstreamRegistryUrl, ...more });
  await rule("docker-hub", HUB, { credentialArn });
  await rule("ecr-public", "public.ecr.aws");
}

/** A machine that may pull through ECR, alone in a lab. */
export interface Worker {
  readonly lab: EcrLab;
  readonly machine: Machine;
  readonly client: Client;
  /** What ECR was asked. */
  readonly seen: RegistryRequest[];
  /** May be set: what ECR does with each request. */
  ecrFault: RegistryFault | undefined;
}

/** Boots it; its Docker is logged in to ECR. */
export async function startWorker(image: Generation): Promise<Worker> {
  const lab = await startEcrLab();
  await makeRules(lab);
  const machine = await boot(lab.lab, { image });
  await waitForBoot(machine);
  const client = await logIn(lab, "puller", [allow(PULLER)]);
  const worker: Worker = { lab, machine, client, seen: [], ecrFault: undefined };
  lab.ecr.faults = (request) => {
    worker.seen.push(request);
    return worker.ecrFault;
  };
  await logInOn(machine, client);
  return worker;
}

/** Forgets what was seen, and what was set. */
export function forget(worker: Worker): void {
  worker.seen.length = 0;
  worker.lab.upstreamSeen.length = 0;
  worker.ecrFault = undefined;
  worker.lab.ecr.settings.headOfUncached = "import";
}

/** An image of a test's own, in Docker Hub. */
export interface OwnImage {
  /** As Docker knows it, without a tag. */
  readonly name: string;
  readonly digest: string;
  /** Digests of its layers, without the first, which all images here have. */
  readonly layers: readonly string[];
}

let count = 0;
/** Writes an image that nobody has asked for yet, below a path of its registry; with a name, another one under that name. */
export async function newImage(lab: EcrLab, name = `image-${count++}`, path = "library"): Promise<OwnImage> {
  const spec = { name: `${path}/${name}`, seed: `seed-${count++}`, payloadBytes: 1 << 12, multiPlatform: true };
  const { storage } = lab.registry;
  const digest = await writeSmallImage(storage, spec);
  const read = (blob: string) => JSON.parse(readFileSync(blobPath(storage, blob), "utf8"));
  const { layers } = read(read(digest).manifests[0].digest) as { layers: { digest: string }[] };
  return { name, digest, layers: layers.slice(1).map((layer) => layer.digest) };
}

/** Makes ECR fetch an image, as a builder does: by its tag. */
export async function importTag(client: Client, { name, digest }: OwnImage): Promise<void> {
  const { headers } = await client.send("GET", `/v2/docker-hub/library/${name}/manifests/1`);
  if (headers["docker-content-digest"] !== digest) throw new Error(`ECR has no ${name}:1 of this digest`);
}

/** Puts an image that ECR has into a machine's Docker as a builder does: by digest, then under its own name and tag alone. */
export async function cacheTag(machine: Machine, { name, digest }: OwnImage): Promise<void> {
  const inEcr = `${HOST}/docker-hub/library/${name}@${digest}`;
  await shellIn(
    machine,
    `docker pull --quiet ${inEcr} >/dev/null
     docker tag ${inEcr} ${name}:1
     docker image rm ${inEcr} >/dev/null`,
    { timeoutSeconds: 60 },
  );
}

/** The same of an image that is listed by its digest: it is pulled under its own name. */
export async function cacheDigest(machine: Machine, { name, digest }: OwnImage): Promise<void> {
  await shellIn(machine, `docker pull --quiet ${name}@${digest}`, { timeoutSeconds: 60 });
}

/** Builds a step on top of a base image. Returns BuildKit's output; fails with it. */
export function buildFrom(machine: Machine, base: string, options = ""): Promise<string> {
  return shellIn(
    machine,
    `mkdir --parents /root/context && cd /root/context
cat >Dockerfile <<'DOCKERFILE'
ARG ECR_REGISTRY_URL=docker.io
FROM ${base}
RUN echo ${count++} >/made
DOCKERFILE
DOCKER_BUILDKIT=1 docker build --progress plain --network none ${options} . 2>&1`,
    { timeoutSeconds: 120 },
  );
}

/** What Docker Hub was asked for; `a question` is anything except layers: a manifest, the configuration that it names, or if it is there at all. */
type Asked = "nothing" | "a question" | "layers";

/** Result of an attempt. */
export interface Attempt {
  readonly works: boolean;
  readonly asked: Asked;
}

/** Does something with an image while Docker Hub is on or off. */
export async function attempt(
  lab: EcrLab,
  { upstream, layers }: { readonly upstream: "on" | "off" } & Pick<OwnImage, "layers">,
  act: () => Promise<unknown>,
): Promise<Attempt> {
  lab.upstreamSeen.length = 0;
  lab.upstreamFaults = ({ host }) => (upstream === "off" && host === HUB ? { kind: "hang-up" } : undefined);
  try {
    await act();
    return { works: true, asked: askedFor(lab, layers) };
  } catch (error) {
    // Anything else than a command that fails is a fault of the test.
    const { name, status } = error as Error & { readonly status?: number | null };
    if (name !== "CommandError" || status === null) throw error;
    return { works: false, asked: askedFor(lab, layers) };
  } finally {
    lab.upstreamFaults = () => undefined;
  }
}

/** What Docker Hub was asked for since its requests were last forgotten. */
function askedFor({ upstreamSeen }: EcrLab, layers: readonly string[]): Asked {
  const paths = upstreamSeen.filter(({ host }) => host === HUB).map(({ path }) => path);
  if (paths.some((path) => layers.some((layer) => path.includes(layer)))) return "layers";
  return paths.length > 0 ? "a question" : "nothing";
}
