/** The bucket that our stack makes is in order for `layer-cache check`. Rules like those of our repositories are in check.slow.test.ts. */
import { bucketFaults } from "../../../cli/layer-cache/judge-bucket";
import type { LifecycleRule } from "../../../cli/layer-cache/s3";
import { parseConfig } from "../../../lib/config/load";
import { resolveConfig } from "../../../lib/config/resolve-config";
import { type Json, synthesize } from "../../stacks/synthesized";

const REGION = "eu-west-1";
const STACK = `docker-cache-layer-cache-${REGION}`;

/** Resources of one entry's stack, by type. */
function resourcesOf(entry: object): Record<string, Record<string, Json>> {
  const config = { regions: { [REGION]: {} }, layer_cache: { ci: entry } };
  const parsed = parseConfig(JSON.stringify(config), "docker-cache.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return synthesize(resolveConfig(parsed.config))[STACK]!.resource;
}

const only = (of: Record<string, Json> | undefined): Json => {
  const [one, ...others] = Object.values(of ?? {});
  expect(others).toEqual([]);
  return one;
};

/** A rule as Terraform has it, in S3's words. */
function ruleOf({ status, filter, expiration, abort_incomplete_multipart_upload: abort }: Json): LifecycleRule {
  return {
    Status: status,
    Filter: { Prefix: filter[0].prefix },
    ...(expiration && { Expiration: { Days: expiration[0].days } }),
    ...(abort && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abort[0].days_after_initiation } }),
  };
}

test.each([1, 14, 365])("the bucket, with expire_after_days: %d", (expire_after_days) => {
  const resources = resourcesOf({ expire_after_days });
  const block = only(resources.aws_s3_bucket_public_access_block);
  const flags = ["block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"];
  const facts = {
    state: "here",
    refused: [],
    settings: {
      objectLock: only(resources.aws_s3_bucket).object_lock_enabled === true ? { retention: false } : null,
      rules: only(resources.aws_s3_bucket_lifecycle_configuration).rule.map(ruleOf) as LifecycleRule[],
      versioning: resources.aws_s3_bucket_versioning === undefined ? null : "Enabled",
      openTo: flags.filter((flag) => block[flag] !== true),
    },
  } as const;
  expect(facts.settings.rules).toHaveLength(3);
  expect(bucketFaults(facts, { bucket: "ours", region: REGION, entry: "ci", stack: STACK })).toEqual([]);
});
