/**
 * Fields that several parts of the schema share: the spelling of AWS's identifiers, times and names, each in one place.
 * Patterns avoid look-around and back references, so that Terraform (RE2) reads them as JavaScript does.
 */
import { z } from "zod";
import { IMAGE_STORES } from "../../contract";
import { limitOf } from "./aws-names";

/** A string; `meaning` completes "expected …" in an error, whatever was found in its place. */
export function text(meaning: string) {
  return z.string({ error: meaning });
}

/** A string of a given spelling. */
export function spelled(pattern: RegExp, meaning: string) {
  return text(meaning).regex(pattern);
}

/** The nouns that run on instances. */
export const INSTANCE_NOUNS = ["builder", "worker"] as const;
export type InstanceNoun = (typeof INSTANCE_NOUNS)[number];

/** An AWS region by its code. */
export const regionName = spelled(/^[a-z]{2,4}(-[a-z]+){1,2}-[1-9]$/, "an AWS region such as eu-west-1");

/** Name of a cache: part of tags, parameter paths and most resource names. */
export const cacheName = spelled(
  /^[a-z][a-z0-9-]{0,31}$/,
  "1 to 32 lower-case letters, digits and hyphens, beginning with a letter",
);

export const kmsKeyArn = spelled(
  /^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/,
  "the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID; an alias will not do, DLM refuses it)",
);

export const topicArn = spelled(
  /^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$/,
  "the ARN of a standard SNS topic (arn:aws:sns:REGION:ACCOUNT:NAME)",
);

export const policyArn = spelled(
  /^arn:[a-z-]+:iam::([0-9]{12}|aws):policy\/[A-Za-z0-9+=,.@_/-]+$/,
  "the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME)",
);

/** The boundary of a companion's module that makes no role: one call passes the same to each. */
export const unusedBoundary = policyArn
  .nullable()
  .default(null)
  .describe("Permissions boundary of roles, of which this module makes none. It is here as in every module.");

export const roleArn = spelled(
  /^arn:[a-z-]+:iam::[0-9]{12}:role\/[A-Za-z0-9+=,.@_/-]+$/,
  "the ARN of an IAM role (arn:aws:iam::ACCOUNT:role/NAME)",
);

export const timeOfDay = spelled(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'a time of day "HH:MM", 00:00 to 23:59');

/** First Docker Engine that can keep images in containerd's store and be relied on. */
export const CONTAINERD_ENGINE = 24;

export const imageStore = z.enum(IMAGE_STORES);

/** A URL of a proxy. User data is no place for secrets: a user and a password in it are refused. */
export const proxyUrl = spelled(
  /^https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?\/?$/,
  "http://HOST:PORT or https://HOST:PORT, without user and password",
);

/** Host of a registry as references spell it, with its port if it has one. */
export const registryHost = spelled(
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$/,
  "the host of a registry such as ghcr.io or registry.example.com:5000",
);

/** Beginning of a repository's name in ECR, without the slash (ECR's API, `ecrRepositoryPrefix`); ROOT, which stands for all, is none of ours. */
export const repositoryPrefix = spelled(
  /^([a-z0-9]+([._-][a-z0-9]+)*\/)*[a-z0-9]+([._-][a-z0-9]+)*$/,
  "an ECR repository prefix of 2 to 30 lower-case letters, digits and . _ - / such as docker-hub",
)
  .min(2)
  .max(30);

/** Name of an ECR repository (ECR's API, `repositoryName`). */
export const repositoryName = spelled(
  limitOf("ecrRepository").pattern,
  "the name of an ECR repository: 2 or more lower-case letters and digits, joined by single . _ - or /",
)
  .min(2)
  .max(256);

/** Name of an S3 bucket (S3's naming rules, as far as one pattern holds them). */
export const bucket = spelled(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  "the name of an S3 bucket, neither its ARN nor an s3:// address",
);

/** Tags that a user may give: AWS takes 50 on a resource and DLM 45, and ours are up to 13. */
export const TAGS_MAXIMUM = 30;
/** A tag's key and value (AWS's characters). A check refuses AWS's keys and our own. */
export const tagKey = spelled(
  /^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/u,
  "1 to 128 letters, digits, blanks and _ . : / = + - @",
);
export const tagValue = spelled(
  /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u,
  "at most 256 letters, digits, blanks and _ . : / = + - @",
);
