/** Buckets that builds keep layers in: one in memory, which expires as S3 does by its rules, and one of the emulated S3. */
import type { Aws } from "../../../lab/aws/handler";
import type { LifecycleRule } from "../../../lab/aws/s3-lifecycle";
import { filterOf, hasExpired, passes } from "../../../lab/aws/services/s3/lifecycle-rules";
import { runDueLifecycles } from "../../../lab/aws/services/s3/lifecycle-run";

/** What BuildKit's exporter and importer ask of a bucket. */
export interface Bucket {
  /** When an object was written or touched last; undefined: it is not there. */
  modified(key: string): Promise<Date | undefined>;
  read(key: string): Promise<string | undefined>;
  write(key: string, body: string): Promise<void>;
  /** Copies an object onto itself. @returns false if it is not there */
  touch(key: string): Promise<boolean>;
  keys(): Promise<string[]>;
  /** Removes what is due, except for what S3 is late with. @returns the keys */
  expire(isLate: (key: string) => boolean): Promise<string[]>;
}

/** One in memory. */
export function memoryBucket(rules: readonly LifecycleRule[], now: () => Date): Bucket {
  const objects = new Map<string, { body: string; modified: Date }>();
  const isDue = (key: string, modified: Date) =>
    rules.some((rule) => passes(filterOf(rule), { key }) && hasExpired(rule, modified, now()));
  return {
    modified: async (key) => objects.get(key)?.modified,
    read: async (key) => objects.get(key)?.body,
    write: async (key, body) => void objects.set(key, { body, modified: now() }),
    async touch(key) {
      const object = objects.get(key);
      if (object) object.modified = now();
      return object !== undefined;
    },
    keys: async () => [...objects.keys()],
    async expire(isLate) {
      const due = [...objects].filter(([key, { modified }]) => isDue(key, modified) && !isLate(key));
      for (const [key] of due) objects.delete(key);
      return due.map(([key]) => key);
    },
  };
}

/** One of an emulated AWS, which is there. */
export function s3Bucket(aws: Aws, Bucket: string, region: string): Bucket {
  const call = <Output>(action: string, input: object = {}) =>
    aws.call<Output>({ service: "s3", action, region }, { Bucket, ...input });
  const ifThere = async <Output>(answer: Promise<Output>): Promise<Output | undefined> => {
    try {
      return await answer;
    } catch (error) {
      if (["404", "NoSuchKey", "NotFound"].includes(String((error as { code?: string }).code))) return undefined;
      throw error;
    }
  };
  return {
    async modified(Key) {
      const head = await ifThere(call<{ LastModified: string | Date }>("HeadObject", { Key }));
      return head && new Date(head.LastModified);
    },
    async read(Key) {
      const got = await ifThere(call<{ Body: string | Uint8Array }>("GetObject", { Key }));
      return got && Buffer.from(got.Body).toString();
    },
    write: async (Key, Body) => void (await call("PutObject", { Key, Body })),
    async touch(Key) {
      const copy = { Key, CopySource: `${Bucket}/${Key}`, MetadataDirective: "REPLACE" };
      return (await ifThere(call("CopyObject", copy))) !== undefined;
    },
    keys: async () => listed(call),
    async expire(isLate) {
      const { expired } = await runDueLifecycles(aws, ({ key }) => isLate(key));
      return expired.filter(({ bucket }) => bucket === Bucket).map(({ key }) => key);
    },
  };
}

async function listed(call: <Output>(action: string, input?: object) => Promise<Output>): Promise<string[]> {
  const keys: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    type Page = { Contents?: { Key: string }[]; NextContinuationToken?: string };
    const page: Page = await call("ListObjectsV2", { ContinuationToken });
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return keys;
}
