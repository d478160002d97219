/** Sixty days of a bucket in memory, many times: no manifest ever names a blob that is gone. With one rule for both, some do. */
import { type Bucket, memoryBucket } from "./buckets";
import { type Lived, live } from "./days";
import { emittedRules } from "./emitted";
import { rulesWith } from "./expiry";

/** The construct's, unless a configuration says otherwise. */
const OURS = emittedRules();
const DAYS = 14;

interface Options {
  readonly lateDays?: number;
  /** Changes the bucket. */
  readonly as?: (bucket: Bucket) => Bucket;
}

function days(
  seed: number,
  rules: typeof OURS,
  { lateDays = 0, as = (bucket) => bucket }: Options = {},
): Promise<Lived> {
  let time = new Date("2026-11-21T09:30:00Z");
  const now = () => time;
  const setTo = (moment: Date) => {
    time = moment;
  };
  const bucket = as(memoryBucket(rules, now));
  return live({ seed, days: 60, bucket, buildsPerDay: 6, lateDays, now, setTo });
}

const seeds = Array.from({ length: 15 }, (_, index) => index + 1);

test("manifests expire after the days of the configuration, and blobs seven days later", () => {
  expect(OURS).toEqual(rulesWith({ manifests: DAYS, blobs: DAYS + 7 }));
});

test.each([0, 5])(
  "with two rules and an S3 that is %d days late at most, every blob outlives its manifests",
  async (lateDays) => {
    const expired = { manifests: 0, blobs: 0 };
    for (const seed of seeds) {
      const lived = await days(seed, OURS, { lateDays });
      expect([seed, lived.gone, lived.ends.failed]).toEqual([seed, [], 0]);
      expect(lived.ends.exported).toBeGreaterThan(200);
      expect(lived.ends.killed).toBeGreaterThan(0);
      expired.manifests += lived.expired.manifests;
      expired.blobs += lived.expired.blobs;
    }
    // Else nothing was put to the test.
    expect(expired.manifests).toBeGreaterThan(30);
    expect(expired.blobs).toBeGreaterThan(3000);
  },
);

const withGone = (found: readonly Lived[]) => found.filter(({ gone }) => gone.length > 0).length;

test("with one rule for both, blobs go before manifests that name them, and builds fail", async () => {
  const found = await Promise.all(seeds.map((seed) => days(seed, rulesWith({ manifests: DAYS, blobs: DAYS }))));
  expect(withGone(found)).toBeGreaterThan(7);
  expect(found.filter(({ ends }) => ends.failed > 0).length).toBeGreaterThan(0);
});

test("a day in between is too little if S3 is late", async () => {
  const found = await Promise.all(
    seeds.map((seed) => days(seed, rulesWith({ manifests: DAYS, blobs: DAYS + 1 }), { lateDays: 5 })),
  );
  expect(withGone(found)).toBeGreaterThan(7);
});

test("without touches, no number of days in between is enough", async () => {
  const as = (bucket: Bucket): Bucket => ({ ...bucket, touch: async () => true });
  expect((await days(1, OURS, { as })).gone.length).toBeGreaterThan(0);
});
