/** R21: whatever is wrong with ECR, and stays so, a build on a fresh volume succeeds from the originals, with both image stores. */
import { withdraw } from "../../../lab/product/deploy";
import type { RegistryFault } from "../../../lab/registry/registry-faults";
import { resourceNames } from "../../../lib/contract";
import {
  type Build,
  blankVolume,
  type CacheLab,
  cacheLab,
  ended,
  MINUTES,
  problemsOf,
  promotesImage,
  REGION,
  rotate,
  snapshotsOf,
  startWith,
} from "../cloud/cache-lab";
import {
  buildAnew,
  calm,
  forgetAll,
  IMAGES,
  listImages,
  OWN,
  type PullThroughLab,
  runAll,
  type Store,
  startPullThroughLab,
  withPolicy,
  writeImages,
} from "./pull-through-lab";

const STORES = ["overlay2", "containerd"] as const;
const status = (code: number): RegistryFault => ({ kind: "status", status: code });
const onManifests = (path: string) => path.includes("/manifests/");
const onBlobs = (path: string) => path.includes("/blobs/") || path.startsWith("/sha256:");

interface FaultOfEcr {
  readonly what: string;
  readonly fault: RegistryFault;
  readonly isMeant: (path: string) => boolean;
  /** Where it shows: when ECR is asked for the digest, or in the pull. */
  readonly shows: "resolving" | "pulling";
}

const FAULTS: readonly FaultOfEcr[] = [
  { what: "has no rule", fault: status(404), isMeant: onManifests, shows: "resolving" },
  { what: "limits", fault: status(429), isMeant: onManifests, shows: "resolving" },
  { what: "breaks down", fault: status(500), isMeant: onManifests, shows: "resolving" },
  { what: "denies", fault: status(403), isMeant: onManifests, shows: "resolving" },
  { what: "hangs up", fault: { kind: "hang-up" }, isMeant: onManifests, shows: "resolving" },
  { what: "stalls", fault: { kind: "stall" }, isMeant: onManifests, shows: "resolving" },
  { what: "denies layers", fault: status(403), isMeant: onBlobs, shows: "pulling" },
  {
    what: "ends in the middle of layers",
    fault: { kind: "truncate", afterBytes: 1000 },
    isMeant: onBlobs,
    shows: "pulling",
  },
  {
    what: "stalls in the middle of layers",
    fault: { kind: "stall-after", bytes: 1000 },
    isMeant: onBlobs,
    shows: "pulling",
  },
];

jest.setTimeout(25 * MINUTES);

let lab: PullThroughLab;
beforeAll(async () => {
  lab = await startPullThroughLab(STORES);
}, 10 * MINUTES);
afterAll(() => lab && withdraw(lab.deployed), 2 * MINUTES);
beforeEach(() => calm(lab));

/** A build on a blank volume, with a watchdog that leaves five minutes for pulling. */
async function buildInTime(cache: CacheLab): Promise<Build> {
  blankVolume(cache);
  const done = await ended(cache, await startWith(cache, { WATCHDOG_MINUTES: "10" }));
  await rotate(cache);
  return done;
}

/** The reason for each image, as the log has it. */
const reasons = (text: string) =>
  IMAGES.map(({ reference }) => text.split("\n").find((line) => line.includes(`${reference}: from `)) ?? "");

describe.each(STORES)("%s", (store: Store) => {
  let cache: CacheLab;
  beforeAll(async () => {
    cache = await cacheLab(lab.deployed, store);
    await listImages(cache);
  });

  /** That all came from the originals. */
  async function expectOriginals({ outcome, text }: Build, digests: Readonly<Record<string, string>>): Promise<void> {
    expect([outcome, text]).toEqual(["ready", expect.not.stringContaining(`from ${OWN} in `)]);
    for (const digest of Object.values(digests)) await expect(promotesImage(cache, digest)).resolves.toBe(true);
    await expect(problemsOf(cache, (await snapshotsOf(cache)).at(-1)?.SnapshotId)).resolves.toEqual([]);
  }

  test.each(FAULTS)(
    "while ECR $what, for good, all comes from the originals",
    async ({ what, fault, isMeant, shows }) => {
      const { digests } = await writeImages(lab, `${store} ${what}`);
      await forgetAll(lab);
      lab.deployed.ecr.faults = ({ path }) => (isMeant(path) ? fault : undefined);
      const done = await buildInTime(cache);
      await expectOriginals(done, digests);
      if (shows === "resolving") {
        for (const line of reasons(done.text))
          expect(line).toMatch(/: from (docker|quay)\.io, not through ECR: dockerd: /);
      } else expect(done.text).toMatch(/attempt \d of 5: \S+ from \d+\.dkr\.ecr\./);
    },
  );

  test("without a login to ECR the build does without pull-through", async () => {
    const { digests } = await writeImages(lab, `${store} no login`);
    const { builderRole } = resourceNames(store, "x86_64", REGION);
    const deny = { Effect: "Deny", Action: "ecr:GetAuthorizationToken", Resource: "*" };
    await withPolicy(lab.deployed, builderRole, deny, async () => {
      const done = await buildAnew(cache);
      await expectOriginals(done, digests);
      expect(done.text).toContain(`going on without the pull-through cache: there is no login for ${OWN}`);
    });
  });

  test("an image by digest alone that ECR does not have, and one whose name cannot be had, with the upstreams off", async () => {
    const { pinned } = await writeImages(lab, `${store} pinned`);
    await forgetAll(lab);
    const alone = pinned.replace(":1@", "@");
    await listImages(cache, alone);
    const first = await buildAnew(cache);
    expect(first.outcome).toBe("ready");
    expect(first.text).toContain(`${alone}: from quay.io, not through ECR: dockerd: 404: `);
    // With its tag it is brought there; without the upstream it has no name.
    await listImages(cache, pinned);
    expect((await buildAnew(cache)).text).toContain(`pulled ${pinned} from ${OWN} in `);
    await listImages(cache, `${pinned} optional`);
    lab.upstream = () => ({ kind: "hang-up" });
    const { outcome, text } = await buildAnew(cache);
    expect([outcome, text]).toEqual(["ready", expect.stringContaining(`left out, since it is optional: ${pinned}: `)]);
    const names = IMAGES.map(({ reference }) => reference);
    await expect(runAll(lab, cache, names)).resolves.toHaveLength(names.length + 1);
    await listImages(cache);
  });
});

test("nothing went wrong behind the API", () => expect(lab.deployed.cloud.faults).toEqual([]));
