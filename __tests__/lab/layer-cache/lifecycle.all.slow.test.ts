/** Sixty days of a bucket of the emulated S3 with the rules that the construct makes. */
import type { LifecycleRule } from "../../../lab/aws/s3-lifecycle";
import { type Emulated, REGION, startEmulated } from "../aws/emulated";
import { send } from "../aws/services/s3/send";
import { s3Bucket } from "./buckets";
import { live } from "./days";
import { emittedRules } from "./emitted";
import { rulesWith, rulesXml } from "./expiry";

jest.setTimeout(300_000);

let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated();
}, 120_000);
afterAll(() => aws?.stop());

let buckets = 0;
async function bucketWith(rules: readonly LifecycleRule[]): Promise<string> {
  const bucket = `layers-${++buckets}`;
  const location = `<CreateBucketConfiguration><LocationConstraint>${REGION}</LocationConstraint></CreateBucketConfiguration>`;
  for (const [line, body] of [
    [`PUT /${bucket}`, location],
    [`PUT /${bucket}?lifecycle`, rulesXml(rules)],
  ] as const)
    expect((await send(aws.endpointUrl, { line, body })).status).toBe(200);
  return bucket;
}

let lives = 0;
async function days(rules: readonly LifecycleRule[], lateDays: number) {
  const bucket = s3Bucket(aws.aws, await bucketWith(rules), REGION);
  const { now } = aws.aws;
  const setTo = (time: Date) => void aws.pass((time.getTime() - now().getTime()) / 1000);
  return live({ seed: ++lives, days: 60, bucket, buildsPerDay: 1.5, lateDays, now, setTo });
}

test("sixty days with both rules: every blob outlives its manifests", async () => {
  const lived = await days(emittedRules(), 3);
  expect([lived.gone, lived.ends.failed]).toEqual([[], 0]);
  expect(lived.ends.exported).toBeGreaterThan(40);
  expect(lived.expired.manifests).toBeGreaterThan(3);
  expect(lived.expired.blobs).toBeGreaterThan(50);
});

test("with one rule for both, a manifest names a blob that is gone", async () => {
  const lived = await days(rulesWith({ manifests: 14, blobs: 14 }), 0);
  expect(lived.gone.length).toBeGreaterThan(0);
});
