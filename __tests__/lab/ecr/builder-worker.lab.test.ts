/**
 * R9, R21: a builder with `pull_through` fills its snapshot through ECR, under the images' own names, and a worker runs them while ECR and every
 * upstream registry is off.
 */

import type { AwsEvent } from "../../../lab/aws/hooks";
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import { bootWorker, dockerRun, terminate } from "../../../lab/product/machine-loop";
import type { RegistryFault, RegistryRequest } from "../../../lab/registry/registry-faults";
import { cacheId } from "../../../lib/contract";
import { cases, onlyInAll } from "../../level";
import {
  type Build,
  blankVolume,
  build,
  type CacheLab,
  cacheLab,
  MINUTES,
  problemsOf,
  REGION,
  rotate,
  snapshotsOf,
} from "../cloud/cache-lab";
import { writeSmallImage } from "../registry/small-image";

const HUB = "registry-1.docker.io";
const LOGIN = { username: "someone", accessToken: "token" };
const STORES = cases(["overlay2", "containerd"] as const, (store) => store === "overlay2");
/** Reference in the configuration, repository and tag in the upstream registry, repository in ECR. */
const IMAGES = [
  { reference: "steady:1", host: HUB, name: "library/steady", inEcr: "docker-hub/library/steady" },
  { reference: "someone/tool:1", host: HUB, name: "someone/tool", inEcr: "docker-hub/someone/tool" },
  { reference: "quay.io/org/image:1", host: "quay.io", name: "org/image", inEcr: "quay/org/image" },
];
const config = `
regions: { ${REGION}: {} }
caches: ${STORES.map(
  (store) => `
  ${store}:
    image_store: ${store}
    images: [ ${IMAGES.map(({ reference }) => `"${reference}"`).join(", ")} ]
    pull_through: { docker.io: docker-hub, quay.io: quay }
    volume: { size_gib: 4 }
    worker: { min_free_gib: 1, volume: { size_gib: 4 } }`,
).join("")}
`;

jest.setTimeout(8 * MINUTES);

let deployed: Deployed;
const seen: RegistryRequest[] = [];
const events: AwsEvent[] = [];
let upstreamFault: RegistryFault | undefined;

/** Docker Hub answers nobody but ECR, which has the login; the builder has none. */
function upstream(request: RegistryRequest): RegistryFault | undefined {
  seen.push(request);
  if (upstreamFault) return upstreamFault;
  const login = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.accessToken}`).toString("base64")}`;
  return request.host === HUB && request.authorization !== login ? { kind: "status", status: 401 } : undefined;
}

beforeAll(async () => {
  deployed = await deploy({
    config,
    faults: upstream,
    before: async ({ aws, hooks }) => {
      const call = (service: string, action: string, input: object) =>
        aws.call<Record<string, string>>({ service, action, region: REGION }, input);
      const secret = { Name: "ecr-pullthroughcache/docker-hub", SecretString: JSON.stringify(LOGIN) };
      const { ARN: credentialArn } = await call("secretsmanager", "CreateSecret", secret);
      const rule = (ecrRepositoryPrefix: string, upstreamRegistryUrl: string, more: object = {}) =>
        call("ecr", "CreatePullThroughCacheRule", { ecrRepositoryPrefix, upstreamRegistryUrl, ...more });
      await rule("docker-hub", HUB, { credentialArn });
      await rule("quay", "quay.io");
      hooks.on("Event", (event) => void (event.source === "aws.ecr" && events.push(event)));
    },
  });
}, 10 * MINUTES);
afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);
beforeEach(() => {
  seen.length = 0;
  events.length = 0;
  upstreamFault = undefined;
});

/** @returns their digests by reference */
async function writeImages(seed: string): Promise<Record<string, string>> {
  const storage = deployed.cloud.registry?.storage ?? "";
  const digests: Record<string, string> = {};
  for (const { name, reference } of IMAGES)
    digests[reference] = await writeSmallImage(storage, { name, seed, multiPlatform: name === "org/image" });
  return digests;
}

/** With overlay2 an image that came through ECR has its tag alone: Docker gives no name with a digest to what was pulled by another. */
const withoutDigests = (store: string, digests: Readonly<Record<string, string>>) =>
  store === "overlay2"
    ? Object.entries(digests).map(([reference, digest]) => `${reference}: no image is known by ${digest}`)
    : [];

/** Builds on a blank volume and promotes what came of it. */
async function buildAnew(lab: CacheLab): Promise<Build> {
  blankVolume(lab);
  const done = await build(lab);
  await rotate(lab);
  return done;
}

/** What the images of a worker say while every registry is off. */
async function runAll(lab: CacheLab): Promise<string[]> {
  upstreamFault = { kind: "hang-up" };
  deployed.ecr.faults = () => ({ kind: "hang-up" });
  try {
    const { machine, status } = await bootWorker(deployed.loop, deployed.cloud, REGION, cacheId(lab.cache, "x86_64"));
    const said = [`${status.state}${status.reason}`];
    for (const { reference } of IMAGES)
      said.push((await dockerRun(machine, reference, "--pull", "never")).output.trim());
    await terminate(deployed.loop, REGION, machine);
    return said;
  } finally {
    deployed.ecr.faults = () => undefined;
  }
}

const expected = (seed: string) => ["warm", ...IMAGES.map(({ name }) => `hello from ${name} ${seed}`)];

describe.each(STORES)("%s", (store) => {
  let lab: CacheLab;
  beforeAll(async () => {
    lab = await cacheLab(deployed, store);
  });

  test.each(cases(["import", "404"] as const, (head) => head === "404"))(
    "with the upstreams on, all comes through ECR (HEAD of what is not cached: %s), and workers run it without any registry",
    async (head) => {
      deployed.ecr.settings.headOfUncached = head;
      const seed = `${store} ${head}`;
      const digests = await writeImages(seed);
      for (const { inEcr } of IMAGES) await forget(inEcr);
      const { outcome, text } = await buildAnew(lab);
      expect([outcome, text]).toEqual(["ready", expect.not.stringContaining("attempt 1 of 5")]);
      expect(events.map(({ detail }) => `${detail["sync-status"]} ${detail["repository-name"]}`).sort()).toEqual(
        IMAGES.map(({ inEcr }) => `SUCCESS ${inEcr}`).sort(),
      );
      // ECR alone asks upstream: by GET, and each tag once.
      const tags = seen.filter(({ path }) => path.endsWith("/manifests/1"));
      expect(tags.map(({ method, host, path }) => `${method} ${host}${path}`).sort()).toEqual(
        IMAGES.map(({ host, name }) => `GET ${host}/v2/${name}/manifests/1`).sort(),
      );
      const problems = await problemsOf(lab, (await snapshotsOf(lab)).at(-1)?.SnapshotId);
      expect(problems.sort()).toEqual(withoutDigests(store, digests).sort());
      await expect(runAll(lab)).resolves.toEqual(expected(seed));
    },
  );

  test("with the upstreams off, ECR serves what it has, and workers run it", async () => {
    upstreamFault = { kind: "hang-up" };
    const { outcome } = await buildAnew(lab);
    expect(outcome).toBe("ready");
    expect(seen).toEqual([]);
    await expect(runAll(lab)).resolves.toEqual(expected(`${store} 404`));
  });
});

const onBlobs = (path: string) => path.includes("/blobs/") || path.startsWith("/sha256:");

interface FaultOfEcr {
  readonly what: string;
  readonly fault: RegistryFault;
  readonly isMeant: (path: string) => boolean;
}

onlyInAll<FaultOfEcr>([
  { what: "limits", fault: { kind: "status", status: 429 }, isMeant: (path) => path.includes("/manifests/") },
  { what: "breaks down", fault: { kind: "status", status: 500 }, isMeant: (path) => path.includes("/manifests/") },
  { what: "ends in the middle of layers", fault: { kind: "truncate", afterBytes: 1000 }, isMeant: onBlobs },
  { what: "hangs up", fault: { kind: "hang-up" }, isMeant: onBlobs },
])("while ECR $what once for each name, the build is late, and ready", async ({ fault, isMeant }) => {
  const lab = await cacheLab(deployed, "overlay2");
  await writeImages("faulty");
  const met = new Set<string>();
  deployed.ecr.faults = ({ path, host }) => {
    const key = host + path.split("?")[0];
    if (!isMeant(path) || met.has(key)) return undefined;
    met.add(key);
    return fault;
  };
  const { outcome } = await buildAnew(lab);
  deployed.ecr.faults = () => undefined;
  expect([outcome, met.size > 0]).toEqual(["ready", true]);
});

/** Deletes a repository, so that its images are fetched again. */
async function forget(repositoryName: string): Promise<void> {
  const { aws } = deployed.aws;
  if (!aws.state(REGION).ecrRepositories[repositoryName]) return;
  await aws.call({ service: "ecr", action: "DeleteRepository", region: REGION }, { repositoryName, force: true });
}

test("nothing went wrong behind the API, and no role was refused anything", () => {
  expect(deployed.cloud.faults).toEqual([]);
  expect(deployed.loop.permissions.denied).toEqual([]);
});
