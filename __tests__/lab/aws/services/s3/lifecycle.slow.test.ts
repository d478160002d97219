/** Life-cycle rules, carried out on the lab's clock. */
import type { LifecycleRound } from "../../../../../lab/aws/services/s3/lifecycle-run";
import { runDueLifecycles } from "../../../../../lab/aws/services/s3/lifecycle-run";
import { onlyInAll } from "../../../../level";
import { type Emulated, startEmulated } from "../../emulated";
import { elements, S3_REGION, type Sent, send } from "./send";

const DAY = 86_400;
let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated();
}, 120_000);
afterAll(() => aws?.stop());

const s3 = (line: string, sent: Omit<Sent, "line"> = {}) => send(aws.endpointUrl, { line, ...sent });

/** Sends what must succeed. */
async function done(line: string, sent: Omit<Sent, "line"> = {}) {
  const answer = await s3(line, sent);
  if (answer.status >= 300) throw new Error(`${line}: ${answer.status} ${answer.body}`);
  return answer;
}

let made = 0;
/** A bucket of its own with these rules. */
async function bucketWith(...rules: string[]): Promise<string> {
  made += 1;
  const bucket = `bucket-${made}`;
  const Location = `<CreateBucketConfiguration><LocationConstraint>${S3_REGION}</LocationConstraint></CreateBucketConfiguration>`;
  await done(`PUT /${bucket}`, { body: Location });
  await ruled(bucket, ...rules);
  return bucket;
}

const ruled = (bucket: string, ...rules: string[]) =>
  done(`PUT /${bucket}?lifecycle`, { body: `<LifecycleConfiguration>${rules.join("")}</LifecycleConfiguration>` });
const rule = (filter: string, actions: string, status = "Enabled") =>
  `<Rule><ID>r</ID>${filter}<Status>${status}</Status>${actions}</Rule>`;
const after = (days: number) => `<Expiration><Days>${days}</Days></Expiration>`;
const below = (prefix: string) => `<Filter><Prefix>${prefix}</Prefix></Filter>`;

async function put(bucket: string, ...keys: string[]): Promise<void> {
  for (const key of keys) await done(`PUT /${bucket}/${key}`, { body: "xx" });
}

/** What a round has removed of a bucket. */
async function removed(bucket: string): Promise<string[]> {
  const { expired, aborted }: LifecycleRound = await runDueLifecycles(aws.aws);
  return [...expired, ...aborted].filter((one) => one.bucket === bucket).map(({ key }) => key);
}

const keys = async (bucket: string) => elements(await done(`GET /${bucket}?list-type=2`), "Key");

/** Moves the clock to a time of the day, in hours, so many days on. */
async function at(days: number, hours: number): Promise<void> {
  const now = aws.aws.now().getTime() / 1000;
  await aws.pass(Math.floor(now / DAY) * DAY + days * DAY + hours * 3600 - now);
}

test("an object expires at the midnight after its days, and not a second before; what was touched lives on", async () => {
  await at(1, 10.5);
  const bucket = await bucketWith(rule(below(""), after(2)));
  await put(bucket, "a", "touched", "rewritten");
  await at(1, 12);
  const source = { "x-amz-copy-source": `${bucket}/touched`, "x-amz-metadata-directive": "REPLACE" };
  await done(`PUT /${bucket}/touched`, { headers: source });
  await put(bucket, "rewritten");
  // 10:30 and two days: 10:30 of the day after the next, of which the midnight after is the third.
  await at(2, -1 / 3600);
  expect(await removed(bucket)).toEqual([]);
  await at(1, 0);
  expect(await removed(bucket)).toEqual(["a"]);
  expect(await keys(bucket)).toEqual(["rewritten", "touched"]);
  await at(1, 0);
  expect(await removed(bucket)).toEqual(["rewritten", "touched"]);
});

test("what was made at midnight has the whole next day", async () => {
  await at(1, 0);
  const bucket = await bucketWith(rule(below(""), after(1)));
  await put(bucket, "a");
  await at(1, 23.9);
  expect(await removed(bucket)).toEqual([]);
  await at(1, 0);
  expect(await removed(bucket)).toEqual(["a"]);
});

test("prefix, sizes and tags choose; each rule for itself, disabled ones not at all", async () => {
  const bucket = await bucketWith(
    rule(below("blobs/"), after(3)),
    rule("<Prefix>old/</Prefix>", after(1)),
    rule(below("manifests/"), after(1), "Disabled"),
    rule(
      "<Filter><And><Prefix>sized/</Prefix><ObjectSizeGreaterThan>2</ObjectSizeGreaterThan></And></Filter>",
      after(1),
    ),
    rule("<Filter><ObjectSizeLessThan>1</ObjectSizeLessThan></Filter>", after(1)),
    rule("<Filter><And><Prefix>tagged/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag></And></Filter>", after(1)),
  );
  await put(bucket, "blobs/a", "blobs", "old/a", "manifests/a", "sized/two", "tagged/none");
  await done(`PUT /${bucket}/sized/three`, { body: "xxx" });
  await done(`PUT /${bucket}/empty`);
  await done(`PUT /${bucket}/tagged/one`, { body: "x", headers: { "x-amz-tagging": "a=1&b=2" } });
  await done(`PUT /${bucket}/tagged/other`, { body: "x", headers: { "x-amz-tagging": "a=2" } });
  await at(3, 0);
  expect((await removed(bucket)).sort()).toEqual(["empty", "old/a", "sized/three", "tagged/one"]);
  await at(1, 0);
  expect(await removed(bucket)).toEqual(["blobs/a"]);
  expect(await keys(bucket)).toEqual(["blobs", "manifests/a", "sized/two", "tagged/none", "tagged/other"]);
});

test("from a date on all that the rule is about goes", async () => {
  const date = new Date(aws.aws.now().getTime() + 5 * DAY * 1000).toISOString().slice(0, 10);
  const bucket = await bucketWith(rule(below("a"), `<Expiration><Date>${date}T00:00:00Z</Date></Expiration>`));
  await put(bucket, "a", "b");
  await at(4, 0);
  expect(await removed(bucket)).toEqual([]);
  await at(1, 0);
  expect(await removed(bucket)).toEqual(["a"]);
  await put(bucket, "a2");
  expect(await removed(bucket)).toEqual(["a2"]);
});

test("uploads that nobody completes end, below their prefix, and are unknown afterwards", async () => {
  const abort =
    "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
  const bucket = await bucketWith(rule(below("blobs/"), abort));
  await put(bucket, "blobs/whole");
  const begun = async (key: string) => elements(await done(`POST /${bucket}/${key}?uploads`), "UploadId")[0];
  const [old, other] = [await begun("blobs/old"), await begun("else")];
  await at(1, 1);
  const young = await begun("blobs/young");
  await at(1, 0);
  expect(await removed(bucket)).toEqual(["blobs/old"]);
  expect(elements(await done(`GET /${bucket}?uploads`), "UploadId").sort()).toEqual([other, young].sort());
  const late = await s3(`PUT /${bucket}/blobs/old?partNumber=1&uploadId=${old}`, { body: "late" });
  expect([late.status, elements(late, "Code")]).toEqual([404, ["NoSuchUpload"]]);
  expect(await keys(bucket)).toEqual(["blobs/whole"]);
});

test("with versions: a marker first, old versions later, and a marker that is left alone last", async () => {
  const old = "<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays></NoncurrentVersionExpiration>";
  const bucket = await bucketWith(
    rule(below("a"), after(5) + old),
    rule(below("a"), "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"),
  );
  const versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  await done(`PUT /${bucket}?versioning`, { body: versioning });
  await at(1, 12);
  await put(bucket, "a", "b");
  await at(1, 12);
  await put(bucket, "a", "b");
  const versions = async () => elements(await done(`GET /${bucket}?versions`), "Key");
  expect(await versions()).toEqual(["a", "a", "b", "b"]);
  await at(2, 12);
  expect(await removed(bucket)).toEqual([]);
  await at(1, 0);
  expect(await removed(bucket)).toEqual(["a"]);
  expect(await versions()).toEqual(["a", "b", "b"]);
  expect(await keys(bucket)).toEqual(["a", "b"]);
  await at(3, 0);
  expect(await removed(bucket)).toEqual(["a"]);
  expect(await keys(bucket)).toEqual(["b"]);
  expect(await versions()).toEqual(["a", "b", "b", "a"]);
  await at(3, 0);
  expect(await removed(bucket)).toEqual(["a"]);
  expect(await removed(bucket)).toEqual(["a"]);
  expect(await removed(bucket)).toEqual([]);
  expect(await versions()).toEqual(["b", "b"]);
});

test("of old versions, the newest are kept if a rule says so", async () => {
  const old =
    "<NoncurrentVersionExpiration><NewerNoncurrentVersions>1</NewerNoncurrentVersions><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>";
  const bucket = await bucketWith(rule(below(""), old));
  await done(`PUT /${bucket}?versioning`, {
    body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
  });
  for (const size of [1, 2, 3]) {
    await at(1, 12);
    await done(`PUT /${bucket}/a`, { body: "x".repeat(size) });
  }
  await at(9, 0);
  expect(await removed(bucket)).toEqual(["a"]);
  expect(elements(await done(`GET /${bucket}?versions`), "Size").sort()).toEqual(["2", "3"]);
});

test("rules of a bucket whose versioning is suspended, and rules that the front has not seen, are errors", async () => {
  const bucket = await bucketWith(rule(below(""), after(1)));
  const versioning = (status: string) =>
    `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
  for (const status of ["Enabled", "Suspended"]) await done(`PUT /${bucket}?versioning`, { body: versioning(status) });
  await expect(runDueLifecycles(aws.aws)).rejects.toThrow(`life cycles of ${bucket}, whose versioning is suspended`);
  await done(`DELETE /${bucket}?lifecycle`);
  const Rules = [{ ID: "r", Status: "Enabled", Prefix: "", Expiration: { Days: 1 } }];
  const target = { service: "s3", action: "PutBucketLifecycleConfiguration", region: S3_REGION };
  await aws.aws.moto(target, { Bucket: bucket, LifecycleConfiguration: { Rules } });
  await expect(runDueLifecycles(aws.aws)).rejects.toThrow(`of ${bucket} were not put through the front`);
  await done(`DELETE /${bucket}?lifecycle`);
});

// Some seconds.
onlyInAll([1001])("%d objects, which are more than one page", async (count) => {
  const bucket = await bucketWith(rule(below("many/"), after(1)));
  const target = { service: "s3", action: "PutObject", region: S3_REGION };
  const key = (index: number) => `many/${index}`;
  for (let from = 0; from < count; from += 91) {
    const some = Array.from({ length: 91 }, (_, index) => key(from + index));
    await Promise.all(some.map((Key) => aws.aws.moto(target, { Bucket: bucket, Key, Body: "x" })));
  }
  await at(2, 0);
  expect((await removed(bucket)).sort()).toEqual(Array.from({ length: count }, (_, index) => key(index)).sort());
  expect(await keys(bucket)).toEqual([]);
});

test("what S3 is late with stays for another round", async () => {
  const bucket = await bucketWith(rule(below(""), after(1)));
  await put(bucket, "a", "b");
  await at(2, 0);
  const { expired } = await runDueLifecycles(aws.aws, ({ key }) => key === "a");
  expect(expired.filter((one) => one.bucket === bucket).map(({ key }) => key)).toEqual(["b"]);
  expect(await keys(bucket)).toEqual(["a"]);
  expect(await removed(bucket)).toEqual(["a"]);
});

test.each([
  ["Transitions", "<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>"],
  [
    "NoncurrentVersionTransitions",
    "<NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>",
  ],
])("a rule with %s is an error that names it", async (name, action) => {
  const bucket = await bucketWith(rule(below(""), action));
  await expect(runDueLifecycles(aws.aws)).rejects.toThrow(`life-cycle rule r: ${name} is not carried out here`);
  await ruled(bucket, rule(below(""), action, "Disabled"));
  await runDueLifecycles(aws.aws);
});
