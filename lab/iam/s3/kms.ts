/**
 * What KMS asks of a call of S3 on a bucket that is encrypted with a key of its account: S3 uses the key in the caller's name (User Guide, "Using
 * server-side encryption with AWS KMS keys", "Permissions"). Objects are taken to be encrypted as their bucket says now; the key's own policy is taken
 * to leave all to IAM.
 */
import { AwsError } from "../../aws/aws-error";
import { copySourceOf } from "../../aws/s3-names";
import type { Asked, Demand } from "../demand";

/** Operations and the actions that they take. A HEAD takes none: only a checksum, if it is asked for, is kept under the key. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  CompleteMultipartUpload: ["Decrypt", "GenerateDataKey"],
  CopyObject: ["GenerateDataKey"],
  CreateMultipartUpload: ["Decrypt", "GenerateDataKey"],
  GetObject: ["Decrypt"],
  PutObject: ["GenerateDataKey"],
  UploadPart: ["Decrypt", "GenerateDataKey"],
  UploadPartCopy: ["Decrypt", "GenerateDataKey"],
};

/** The demands on the keys of the bucket that a call is about, and of the one that it copies from. */
export async function kmsDemands(asked: Asked): Promise<Demand[]> {
  const { action, input } = asked.call;
  const own = await demandsOn(asked, String(input.Bucket), ACTIONS[action] ?? []);
  if (input.CopySource === undefined) return own;
  return [...own, ...(await demandsOn(asked, copySourceOf(String(input.CopySource)).bucket, ["Decrypt"]))];
}

async function demandsOn(asked: Asked, bucket: string, actions: readonly string[]): Promise<Demand[]> {
  const key = actions.length > 0 ? await keyOf(asked, bucket) : undefined;
  if (key === undefined) return [];
  const keys = { "kms:ViaService": `s3.${asked.call.region}.amazonaws.com` };
  return actions.map((action) => ({ action: `kms:${action}`, resource: key, keys }));
}

/** ARN of the bucket's key; undefined: it has S3's own, or is not there. @throws Error if the key is not named by its ARN */
async function keyOf({ aws, call }: Asked, Bucket: string): Promise<string | undefined> {
  type Default = { SSEAlgorithm?: string; KMSMasterKeyID?: string };
  type Answer = { ServerSideEncryptionConfiguration: { Rules: { ApplyServerSideEncryptionByDefault?: Default }[] } };
  try {
    const target = { service: "s3", action: "GetBucketEncryption", region: call.region };
    const { ServerSideEncryptionConfiguration: found } = await aws.moto<Answer>(target, { Bucket });
    const { SSEAlgorithm, KMSMasterKeyID } = found.Rules[0]?.ApplyServerSideEncryptionByDefault ?? {};
    if (SSEAlgorithm === undefined || SSEAlgorithm === "AES256") return undefined;
    if (KMSMasterKeyID?.startsWith("arn:")) return KMSMasterKeyID;
    throw new Error(`the key ${KMSMasterKeyID} of ${Bucket} is not known here: expected an ARN`);
  } catch (error) {
    const none = ["NoSuchBucket", "ServerSideEncryptionConfigurationNotFoundError"];
    if (error instanceof AwsError && none.includes(error.code)) return undefined;
    throw error;
  }
}
