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

/** Faults that show when ECR is asked for digests: one for each image, in their order, with what dockerd says of it. */
const WHEN_ASKED: readonly { readonly what: string; readonly faults: readonly (readonly [RegistryFault, RegExp])[] }[] =
  [
    {
      what: "has no rule, limits, denies",
      faults: [
        [status(404), /: 404: /],
        [status(429), /: 429: /],
        [status(403), /: 403: /],
      ],
    },
    {
      what: "breaks down, hangs up, stalls",
      faults: [
        [status(500), /: 500: /],
        [{ kind: "hang-up" }, /: 50[03]: /],
        [{ kind: "stall" }, /: no answer within 60 s/],
      ],
    },
  ];

/** Faults that show in the pull. */
const OF_LAYERS: readonly { readonly what: string; readonly fault: RegistryFault }[] = [
  { what: "denies layers", fault: status(403) },
  { what: "ends in the middle of layers", fault: { kind: "truncate", afterBytes: 1000 } },
  { what: "stalls in the middle of layers", fault: { kind: "stall-after", bytes: 1000 } },
];
const isOfLayers = (path: string) => path.includes("/blobs/") || path.startsWith("/sha256:");

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

  test.each(WHEN_ASKED)("while ECR $what, for good, all comes from the originals", async ({ what, faults }) => {
    const { digests } = await writeImages(lab, `${store} ${what}`);
    await forgetAll(lab);
    lab.deployed.ecr.faults = ({ path }) =>
      faults[IMAGES.findIndex(({ inEcr }) => path.startsWith(`/v2/${inEcr[store]}/manifests/`))]?.[0];
    const done = await buildInTime(cache);
    await expectOriginals(done, digests);
    for (const [index, [, reason]] of faults.entries()) {
      const line = done.text.split("\n").find((one) => one.includes(`${IMAGES[index]?.reference}: from `));
      expect(line).toMatch(/: from (docker|quay)\.io, not through ECR: dockerd: /);
      expect(line).toMatch(reason);
    }
  });

  test.each(OF_LAYERS)("while ECR $what, for good, all comes from the originals", async ({ what, fault }) => {
    const { digests } = await writeImages(lab, `${store} ${what}`);
    await forgetAll(lab);
    lab.deployed.ecr.faults = ({ path }) => (isOfLayers(path) ? fault : undefined);
    const done = await buildInTime(cache);
    await expectOriginals(done, digests);
    expect(done.text).toMatch(/attempt \d of 5: \S+: from \d+\.dkr\.ecr\./);
  });

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
