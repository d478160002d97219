/** What goes wrong with requests to S3 when a test says so, and what they leave. */
import { noS3Faults, type S3Fault, type S3Seen } from "../../../../lab/aws/server/s3-faults";
import { type Emulated, startEmulated } from "../emulated";
import { elements, S3_REGION, type Sent, send } from "../services/s3/send";

const BUCKET = "layers";
const HOST = `${BUCKET}.s3.${S3_REGION}.amazonaws.com`;
let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated();
  const Location = `<CreateBucketConfiguration><LocationConstraint>${S3_REGION}</LocationConstraint></CreateBucketConfiguration>`;
  await s3(`PUT /${BUCKET}`, { body: Location });
}, 120_000);
afterEach(() => {
  aws.s3.faults = noS3Faults;
});
afterAll(() => aws?.stop());

const s3 = (line: string, sent: Omit<Sent, "line"> = {}) => send(aws.endpointUrl, { line, ...sent });
/** The fault happens to every request to one key. */
const spoil = (key: string, fault: S3Fault) => {
  aws.s3.faults = (seen) => (seen.key === key ? fault : undefined);
};
const statusOf = async (line: string) => (await s3(line)).status;

test("each request to S3 is shown once, whichever way the bucket is named, and no other", async () => {
  const seen: S3Seen[] = [];
  aws.s3.faults = (request) => void seen.push(request);
  await s3("PUT /ci/blobs/sha256:00", { host: HOST, body: "x" });
  await s3(`GET /${BUCKET}/ci%2Fblobs/sha256:00`);
  await s3(`GET /${BUCKET}?list-type=2`);
  await s3("POST /", { service: "sts", body: "Action=GetCallerIdentity&Version=2011-06-15" });
  expect(seen.map(({ method, bucket, key }) => [method, bucket, key])).toEqual([
    ["PUT", BUCKET, "ci/blobs/sha256:00"],
    ["GET", BUCKET, "ci/blobs/sha256:00"],
    ["GET", BUCKET, undefined],
  ]);
});

test("an error is S3's, has no body where a HEAD asks, and nothing is carried out", async () => {
  await s3(`PUT /${BUCKET}/kept`, { body: "kept" });
  spoil("kept", { kind: "error", status: 503, code: "SlowDown" });
  const refused = await s3(`PUT /${BUCKET}/kept`, { body: "changed" });
  expect([refused.status, ...elements(refused, "Code")]).toEqual([503, "SlowDown"]);
  const head = await s3(`HEAD /${BUCKET}/kept`);
  expect([head.status, head.body]).toEqual([503, ""]);
  aws.s3.faults = noS3Faults;
  expect((await s3(`GET /${BUCKET}/kept`)).body).toBe("kept");
});

test("a request that stalls is carried out late, or never; others are not held up", async () => {
  await s3(`PUT /${BUCKET}/slow`, { body: "late" });
  spoil("slow", { kind: "stall", milliseconds: 400 });
  const began = performance.now();
  const late = s3(`GET /${BUCKET}/slow`);
  expect(await statusOf(`PUT /${BUCKET}/other`)).toBe(200);
  expect(performance.now() - began).toBeLessThan(400);
  expect((await late).body).toBe("late");
  expect(performance.now() - began).toBeGreaterThan(395);
  spoil("slow", { kind: "stall" });
  const never = s3(`DELETE /${BUCKET}/slow`).then(() => "answered");
  never.catch(() => undefined);
  const soon = new Promise((resolve) => setTimeout(() => resolve("no answer"), 300));
  await expect(Promise.race([never, soon])).resolves.toBe("no answer");
  aws.s3.faults = noS3Faults;
  expect(await statusOf(`HEAD /${BUCKET}/slow`)).toBe(200);
});

test("a connection ends without an answer, or within it", async () => {
  await s3(`PUT /${BUCKET}/cut`, { body: "twelve bytes" });
  spoil("cut", { kind: "hang-up" });
  await expect(s3(`GET /${BUCKET}/cut`)).rejects.toThrow(/socket hang up|ECONNRESET/);
  spoil("cut", { kind: "truncate", afterBytes: 6 });
  await expect(s3(`GET /${BUCKET}/cut`)).rejects.toThrow("aborted");
  aws.s3.faults = noS3Faults;
  expect((await s3(`GET /${BUCKET}/cut`)).body).toBe("twelve bytes");
});

test("one byte comes back as another; what is stored stays as it is", async () => {
  await s3(`PUT /${BUCKET}/changed`, { body: "abc" });
  spoil("changed", { kind: "change", offset: 1 });
  expect((await s3(`GET /${BUCKET}/changed`)).body).toBe("acc");
  aws.s3.faults = noS3Faults;
  expect((await s3(`GET /${BUCKET}/changed`)).body).toBe("abc");
});

test("a client whose clock is ahead is told the age that the object has", async () => {
  await s3(`PUT /${BUCKET}/dated`, { body: "x" });
  const date = async () => new Date(String((await s3(`HEAD /${BUCKET}/dated`)).headers["last-modified"])).getTime();
  const before = await date();
  spoil("dated", { kind: "redate", milliseconds: 3_600_000 });
  expect(await date()).toBe(before + 3_600_000);
});
