/** What the front remembers of S3 beside moto, and how it corrects moto's answers by it. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../../aws-error";
import type { Aws } from "../../handler";
import type { LifecycleRule } from "../../s3-lifecycle";
import type { LifecycleRecord, RegionState, UploadRecord } from "../../state";

/** A call of S3 with its answer by moto. */
export interface AnsweredCall {
  readonly action: string;
  readonly region: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Of the request. */
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Every upload that is not at its end, by id. */
export function uploadsOf(aws: Aws): Readonly<Record<string, UploadRecord>> {
  return Object.assign({}, ...states(aws).map(({ s3Uploads }) => s3Uploads));
}

/** The life-cycle configuration of a bucket, if it was put through the front. */
export function lifecycleOf(aws: Aws, bucket: string): LifecycleRecord | undefined {
  return states(aws)
    .map(({ s3Lifecycles }) => s3Lifecycles[bucket])
    .find((record) => record !== undefined);
}

/**
 * An upload's id belongs to one key. moto takes parts, and completes, whatever the path says.
 *
 * @throws AwsError NoSuchUpload if the id that a call names is none of the bucket and key that it names
 */
export function checkUpload(aws: Aws, { Bucket, Key, UploadId }: Readonly<Record<string, unknown>>): void {
  if (UploadId === undefined) return;
  const upload = uploadsOf(aws)[String(UploadId)];
  if (upload && upload.bucket === Bucket && upload.key === Key) return;
  const words =
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
  throw new AwsError("NoSuchUpload", words, 404);
}

/** Forgets an upload that has come to its end. */
export function forgetUpload(aws: Aws, uploadId: string): void {
  for (const { s3Uploads } of states(aws)) delete s3Uploads[uploadId];
}

/** Remembers what moto forgets, and returns the body of its answer without its errors. */
export function correct(aws: Aws, call: AnsweredCall, answer: Answer): Buffer {
  const correction = CORRECTIONS[call.action];
  if (!correction || answer.status >= 300) return answer.body;
  return correction(aws, call, answer.body.toString()) ?? answer.body;
}

type Correction = (aws: Aws, call: AnsweredCall, body: string) => Buffer | undefined;

const CORRECTIONS: Readonly<Record<string, Correction>> = {
  CreateMultipartUpload(aws, { region, input }, body) {
    const id = elementIn(body, "UploadId");
    const record = { bucket: String(input.Bucket), key: String(input.Key), initiated: aws.now() };
    aws.state(region).s3Uploads[id] = record;
    return undefined;
  },
  CompleteMultipartUpload: (aws, { input }) => forget(aws, input),
  AbortMultipartUpload: (aws, { input }) => forget(aws, input),
  // To moto all of them began in 2010.
  ListMultipartUploads(aws, _, body) {
    const uploads = uploadsOf(aws);
    const dated = body.replaceAll(/<Upload>.*?<\/Upload>/gs, (upload) => {
      const initiated = uploads[elementIn(upload, "UploadId")]?.initiated.toISOString();
      return initiated ? upload.replace(/<Initiated>.*?</, `<Initiated>${initiated}<`) : upload;
    });
    return Buffer.from(dated);
  },
  PutBucketLifecycleConfiguration(aws, { region, input, body }) {
    forgetLifecycle(aws, input);
    const { Rules = [] } = (input.LifecycleConfiguration ?? {}) as { Rules?: readonly LifecycleRule[] };
    const xml = body
      .toString()
      .replaceAll(/<Rule>(?!(?:(?!<\/Rule>).)*<ID>)/gs, () => `<Rule><ID>${randomUUID()}</ID>`);
    aws.state(region).s3Lifecycles[String(input.Bucket)] = { xml, rules: Rules };
    return undefined;
  },
  // moto leaves the sizes out of the filters.
  GetBucketLifecycleConfiguration(aws, { input }) {
    const record = lifecycleOf(aws, String(input.Bucket));
    return record && Buffer.from(record.xml);
  },
  DeleteBucketLifecycle: (aws, { input }) => forgetLifecycle(aws, input),
  DeleteBucket: (aws, { input }) => forgetLifecycle(aws, input),
};

function forget(aws: Aws, { UploadId }: AnsweredCall["input"]): undefined {
  forgetUpload(aws, String(UploadId));
}

function forgetLifecycle(aws: Aws, { Bucket }: AnsweredCall["input"]): undefined {
  for (const { s3Lifecycles } of states(aws)) delete s3Lifecycles[String(Bucket)];
}

function states(aws: Aws): RegionState[] {
  return aws.regions().map((region) => aws.state(region));
}

/** The text of an element that has no entities. */
function elementIn(xml: string, name: string): string {
  return new RegExp(`<${name}>(.*?)</${name}>`).exec(xml)?.[1] ?? "";
}
