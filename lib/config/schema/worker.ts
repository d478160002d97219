/** Fields of the workers' use of the cache. */
import { z } from "zod";
import { INITIALIZATION_RATE_MIBPS } from "../../volume-types";
import { policyArn, spelled } from "./fields";
import { workerVolume } from "./volume";

/** `caches.<c>.worker` */
export const worker = z.strictObject({
  warmth: z
    .enum(["lazy", "rate", "fsr"])
    .default("lazy")
    .describe(
      "How blocks get from snapshot to volume: `lazy`, on first touch, with the hot set read ahead; `rate`, at a provisioned initialization rate, billed per launch; `fsr`, by fast snapshot restore, billed per hour and zone.",
    ),
  initialization_rate_mibps: z
    .int()
    .min(INITIALIZATION_RATE_MIBPS[0])
    .max(INITIALIZATION_RATE_MIBPS[1])
    .nullable()
    .default(null)
    .describe(
      "Volume initialization rate in MiB/s: needed by `warmth: rate`, and by nothing else. An account has 5,000 MiB/s per region at a time.",
    ),
  max_simultaneous_launches: z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .describe(
      "Most workers that a region launches at a time, for each architecture, with `warmth: rate` only: their rates together may not exceed the region's 5,000 MiB/s, beyond which launches fail. null: not declared, and not checked.",
    ),
  hydrate: z
    .enum(["hot", "all", "none"])
    .default("all")
    .describe(
      "What is read ahead in the background of the boot: `hot`, the hot set of the build; `all`, then the rest that the cache uses, once a volume; or `none`.",
    ),
  hydrate_rate_mibps: z
    .int()
    .min(0)
    .max(10000)
    .nullable()
    .default(80)
    .describe("Ceiling for reading ahead of the rest, in MiB/s; the hot set is read at full speed. 0 or null: none."),
  start: z
    .enum(["early", "late"])
    .default("early")
    .describe(
      "When the cache is put in place at boot. `early`: in cloud-init's network stage, before Docker, which then comes up once, on the cache. `late`: after Docker has started, which is then stopped and started again.",
    ),
  timeout_seconds: z
    .int()
    .min(5)
    .max(600)
    .default(60)
    .describe("Longest wait for the cache, in seconds; then Docker starts without it."),
  min_free_gib: z
    .int()
    .min(1)
    .max(16384)
    .default(5)
    .describe("Least free space on the worker's cache volume, in GiB; with less, Docker starts without it."),
  volume: workerVolume.prefault({}).describe("The worker's cache volume."),
  metadata_hop_limit: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe("Hop limit of the instance metadata service; 2 where containers need it."),
  instance_profile_name: spelled(/^[A-Za-z0-9+=,.@_-]{1,128}$/, "the name of an instance profile, not its ARN")
    .nullable()
    .default(null)
    .describe("Instance profile of your own. null: one of ours, whose role has no EC2 permission."),
  pull_through_access: z
    .boolean()
    .default(false)
    .describe(
      "Lets our worker role pull through ECR's cache, too, by what the cache's builders would use, in regions that have rules.",
    ),
  policy_arns: z.array(policyArn).max(9).default([]).describe("IAM policies attached to our worker role."),
  script: spelled(
    /^#![^\r]*$/,
    "a script that begins with #!, without a byte-order mark, and whose lines end in a newline alone, not in CRLF",
  )
    .max(12288)
    .nullable()
    .default(null)
    .describe(
      "A script of your own, run after ours whether the cache worked or not. It is readable by whoever can read the launch template: no secrets. null: none.",
    ),
});
