/**
 * R9, R21: a builder fills its snapshot through ECR, under the images' own names, and workers run them without any registry. What ECR does not have, or
 * has of yesterday, or does not give, comes from its original.
 */
import { withdraw } from "../../../lab/product/deploy";
import { resourceNames } from "../../../lib/contract";
import { cases } from "../../level";
import {
  build,
  type CacheLab,
  cacheLab,
  MINUTES,
  problemsOf,
  promotesImage,
  REGION,
  rotate,
  snapshotsOf,
} from "../cloud/cache-lab";
import {
  buildAnew,
  calm,
  forgetAll,
  greeting,
  HUB,
  IMAGES,
  isOfEcr,
  listImages,
  OWN,
  type PullThroughLab,
  runAll,
  type Store,
  startPullThroughLab,
  withPolicy,
  writeImages,
} from "./pull-through-lab";

const STORES = cases(["overlay2", "containerd"] as const, (store) => store === "overlay2");
const HANG_UP = () => ({ kind: "hang-up" }) as const;

jest.setTimeout(8 * MINUTES);

let lab: PullThroughLab;
beforeAll(async () => {
  lab = await startPullThroughLab(STORES);
}, 10 * MINUTES);
afterAll(() => lab && withdraw(lab.deployed), 2 * MINUTES);
beforeEach(() => calm(lab));

/** With overlay2 an image that came through ECR has its tag alone: Docker gives no name with a digest to what was pulled by another. */
const withoutDigests = (store: Store, digests: Readonly<Record<string, string>>) =>
  store === "overlay2"
    ? Object.entries(digests).map(([reference, digest]) => `${reference}: no image is known by ${digest}`)
    : [];

const expected = (seed: string, ...more: string[]) => [
  "warm",
  ...[...IMAGES.map(({ name }) => name), ...more].map((name) => greeting(name, seed)),
];

/** Manifests that builders fetched of an image from its original: what Docker Hub counts. ECR logs in there; at Quay it asks by tag. */
const counted = (name: string) =>
  lab.seen.filter(
    (one) => one.method === "GET" && one.path.startsWith(`/v2/${name}/manifests/sha256:`) && !isOfEcr(one),
  ).length;

/** What of the logins at ECR must be in no log: there is at least one, with its password, and in base64. */
function secretsOf(logins: ReadonlySet<string>): string[] {
  const encoded = [...logins]
    .filter((login) => login.startsWith("Basic "))
    .map((login) => login.slice("Basic ".length));
  expect(encoded.length).toBeGreaterThan(0);
  return encoded.flatMap((one) => [one, Buffer.from(one, "base64").toString().replace("AWS:", "")]);
}

describe.each(STORES)("%s", (store) => {
  let cache: CacheLab;
  const references = IMAGES.map(({ reference }) => reference);
  beforeAll(async () => {
    cache = await cacheLab(lab.deployed, store);
  });

  test.each(cases(["import", "404"] as const, (head) => head === "404"))(
    "with the upstreams on, all comes through ECR (HEAD of what is not cached: %s), and workers run it without any registry",
    async (head) => {
      lab.deployed.ecr.settings.headOfUncached = head;
      const seed = `${store} ${head}`;
      const { digests, pinned } = await writeImages(lab, seed);
      await forgetAll(lab);
      await listImages(cache, pinned);
      const logins = new Set<string>();
      lab.deployed.ecr.faults = ({ authorization }) => void logins.add(authorization ?? "");
      const { outcome, text } = await buildAnew(cache);
      expect([outcome, text]).toEqual([
        "ready",
        expect.not.stringMatching(/attempt 1 of 5|not through ECR|may be old/),
      ]);
      for (const reference of references) expect(text).toContain(`pulled ${reference} from ${OWN} in `);
      expect(secretsOf(logins).filter((secret) => text.includes(secret))).toEqual([]);
      expect(lab.events.map(({ detail }) => `${detail["sync-status"]} ${detail["repository-name"]}`).sort()).toEqual(
        [...IMAGES.map(({ inEcr }) => `SUCCESS ${inEcr[store]}`), "SUCCESS quay/org/pinned"].sort(),
      );
      // The one that says which digest the tag has, of one platform and of several; none of the pull.
      expect(["library/steady", "someone/tool"].map(counted)).toEqual([1, 1]);
      // For the name with the digest.
      const byDigest = lab.seen.filter(({ path }) => path.includes("/org/pinned/manifests/sha256:"));
      expect(byDigest.map(({ method }) => method)).toEqual(["HEAD"]);
      const problems = await problemsOf(cache, (await snapshotsOf(cache)).at(-1)?.SnapshotId);
      expect(problems.sort()).toEqual(withoutDigests(store, digests).sort());
      await expect(runAll(lab, cache, [...references, pinned])).resolves.toEqual(expected(seed, "org/pinned"));
    },
  );

  test("with the upstreams off, a fresh volume is filled from what ECR has by tag, after one attempt a host", async () => {
    await listImages(cache);
    lab.upstream = HANG_UP;
    const { outcome, text } = await buildAnew(cache);
    expect(outcome).toBe("ready");
    expect(lab.seen.map(({ method, host, path }) => `${method} ${host}${path}`).sort()).toEqual([
      "GET quay.io/v2/",
      `GET ${HUB}/v2/`,
    ]);
    for (const reference of references)
      expect(text).toContain(`${reference}: the tag as ECR has it, which may be old: `);
    await expect(runAll(lab, cache, references)).resolves.toEqual(expected(`${store} 404`));
  });

  test("a tag that has moved within a day comes from its original, and the log says so", async () => {
    const { digests } = await writeImages(lab, `${store} moved`, "someone/tool");
    const { outcome, text } = await build(cache);
    await rotate(cache);
    expect(outcome).toBe("ready");
    expect(text).toMatch(
      /someone\/tool:1: from docker\.io, not through ECR, which has an older or another image of this tag: sha256:/,
    );
    expect(text).toContain("pulled someone/tool:1 from docker.io in ");
    expect(["library/steady", "someone/tool"].map(counted)).toEqual([1, 3]);
    await expect(promotesImage(cache, digests["someone/tool:1"] ?? "")).resolves.toBe(true);
  });

  test("while the import is denied, what ECR does not have comes from its original", async () => {
    const { builderRole } = resourceNames(store, "x86_64", REGION);
    const { digests } = await writeImages(lab, `${store} denied`);
    await forgetAll(lab);
    await withPolicy(
      lab.deployed,
      builderRole,
      { Effect: "Deny", Action: "ecr:BatchImportUpstreamImage", Resource: "*" },
      async () => {
        const { outcome, text } = await buildAnew(cache);
        expect(outcome).toBe("ready");
        for (const { reference, host } of IMAGES)
          expect(text).toContain(
            `${reference}: from ${host.replace(HUB, "docker.io")}, not through ECR: dockerd: 403: `,
          );
      },
    );
    expect(lab.events).toEqual([]);
    for (const digest of Object.values(digests)) await expect(promotesImage(cache, digest)).resolves.toBe(true);
  });
});

test("nothing went wrong behind the API, and no role was refused anything else", () => {
  expect(lab.deployed.cloud.faults).toEqual([]);
  const denied = lab.deployed.loop.permissions.denied.filter(({ action }) => action !== "ecr:BatchImportUpstreamImage");
  expect(denied).toEqual([]);
});
