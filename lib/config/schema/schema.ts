/**
 * The schema of the configuration: types, defaults, bounds and meanings, each stated here (and in the schema-*.ts beside) and nowhere else.
 * Types, validation, the JSON Schema for editors, docs/configuration.md and the modules' variables all come from it.
 */
import { z } from "zod";
import { type cache, caches } from "./cache";
import { bucket, kmsKeyArn, regionName, spelled, TAGS_MAXIMUM, tagKey, tagValue } from "./fields";
import { AWS_PROVIDER_RANGE } from "./provider-range";
import { region } from "./region";

const localState = z.strictObject({
  backend: z.literal("local").describe("`local`: Terraform state in files."),
});

const s3State = z.strictObject({
  backend: z
    .literal("s3")
    .describe("`s3`: Terraform state in S3, locked by a lock file there (Terraform 1.10 and later)."),
  bucket: bucket.describe("Bucket, which must exist."),
  region: regionName.describe("Region of the bucket."),
  key_prefix: spelled(/^[A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*$/, "an S3 key prefix without / at either end")
    .max(512)
    .default("docker-cache")
    .describe("Prefix of the keys; each stack has one below it."),
  kms_key_arn: kmsKeyArn.nullable().default(null).describe("Key for the state. null: the bucket's default encryption."),
});

/** `project`, `tags`, `state`, … : the whole file. */
export const configSchema = z.strictObject({
  project: spelled(/^[a-z][a-z0-9-]{0,31}$/, "1 to 32 lower-case letters, digits and hyphens, beginning with a letter")
    .default("docker-cache")
    .describe("First part of the stacks' names, `<project>-<noun>-<region>`."),
  tags: z
    .record(tagKey, tagValue)
    .default({})
    .describe(
      `Tags for every resource, beside our own; at most ${TAGS_MAXIMUM}, since DLM takes 45 with ours, and AWS 50.`,
    ),
  state: z
    .discriminatedUnion("backend", [localState, s3State])
    .prefault({ backend: "local" })
    .describe("Where Terraform keeps its state."),
  aws_provider_version: spelled(
    /^(=|!=|>|>=|<|<=|~>)? ?[0-9]+(\.[0-9]+){0,2}(, ?(=|!=|>|>=|<|<=|~>)? ?[0-9]+(\.[0-9]+){0,2})*$/,
    `a Terraform version constraint such as ${AWS_PROVIDER_RANGE}`,
  )
    .default(AWS_PROVIDER_RANGE)
    .describe("Version range of the AWS provider."),
  regions: z
    .record(regionName, region)
    .refine((given) => Object.keys(given).length > 0, { error: "at least one region" })
    .describe("The regions by name, each building its caches or copying them from another."),
  caches: caches.refine((given) => Object.keys(given).length > 0, { error: "at least one cache" }),
});

/** The configuration as validated, every default filled in. */
export type Config = z.output<typeof configSchema>;
export type CacheConfig = z.output<typeof cache>;
