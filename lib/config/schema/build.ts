/** Fields of builds: when and how a cache is built, and from which registries. */
import { z } from "zod";
import { ROTATION_DEFAULTS, WATCHDOG_MINUTES } from "../../contract";
import { kmsKeyArn, registryHost, spelled, text, timeOfDay } from "./fields";

/** `caches.<c>.build` */
export const build = z.strictObject({
  at: z
    .array(timeOfDay)
    .max(24)
    .default(["02:00"])
    .describe(
      'Times of day "HH:MM" in `time_zone` at which a builder starts. Empty: by `expression`, or by hand alone.',
    ),
  time_zone: text("the IANA name of a time zone such as Europe/Berlin")
    .max(64)
    .default("UTC")
    .describe("IANA time zone of `at` and of a cron() expression, such as Europe/Berlin; daylight saving is followed."),
  expression: spelled(/^(rate|cron)\(.+\)$/, "rate(…) or cron(…) of EventBridge Scheduler, such as rate(12 hours)")
    .nullable()
    .default(null)
    .describe(
      "EventBridge Scheduler rate() or cron() expression, with `at: []`, where no region copies the cache. null: `at` holds.",
    ),
  replicate_at: timeOfDay
    .nullable()
    .default(null)
    .describe(
      'Time of day "HH:MM" in UTC at which DLM snapshots the volume for the copying regions; builders keep clear of it. null: after the first build of the day, at its latest in UTC, `launch_retry_minutes` and `watchdog_minutes`, rounded up to the hour.',
    ),
  launch_retry_minutes: z
    .int()
    .min(1)
    .max(1440)
    .default(60)
    .describe(
      "Minutes for which EventBridge Scheduler retries to launch a builder, where capacity is short for instance.",
    ),
  watchdog_minutes: z
    .int()
    .min(WATCHDOG_MINUTES.least)
    .max(WATCHDOG_MINUTES.most)
    .default(ROTATION_DEFAULTS.watchdogMinutes)
    .describe(
      "Minutes after which a builder powers off, whatever it is doing, and rotation sweeps what is left of it.",
    ),
  parallel_pulls: z.int().min(1).max(32).default(4).describe("Images pulled at once."),
  hot_set_percent: z
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe(
      "Share of the cache's used bytes that the hot set may take, in percent, though never less than 64 MiB. Images with `warm: whole` come on top.",
    ),
});

/** `caches.<c>.registries[]` */
export const registry = z.strictObject({
  host: registryHost.describe(
    "Host as in the image references, `docker.io` for Docker Hub. Amazon ECR needs no entry.",
  ),
  secret_name: spelled(/^[A-Za-z0-9/_+=.@-]{1,512}$/, "the name of a Secrets Manager secret, not its ARN").describe(
    "Name of a Secrets Manager secret that exists in every building region: JSON with `username` and `password`, or `accessToken`.",
  ),
  kms_key_arn: kmsKeyArn.nullable().default(null).describe("Key of the secret. null: the AWS managed key."),
});

/** `caches.<c>.registries` */
export const registries = z
  .array(registry)
  .default([])
  .describe(
    "Registries that builders log in to. Their secrets are read on the builder, never put in user data or state.",
  );

/** Host of a registry, or a host with the beginning of a repository's name there. */
const served = spelled(
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
  "the host of a registry such as ghcr.io, or a host with a path such as docker.io/library",
);

/** Beginning of a repository's name in ECR: a rule's prefix, or a path below one. */
const inEcr = spelled(
  /^([a-z0-9]+([._-][a-z0-9]+)*\/)*[a-z0-9]+([._-][a-z0-9]+)*$/,
  "an ECR repository prefix such as docker-hub, or a path below one",
).max(128);

/** `caches.<c>.pull_through` */
export const pullThrough = z
  .record(served, inEcr)
  .nullable()
  .default(null)
  .describe(
    "Upstream host, or host and path, to the beginning of a repository in ECR, e.g. `docker.io: docker-hub`: builders pull through ECR of their region and keep the original names. The longest that fits wins. null: as the rules of the section `pull_through` say, in their regions; {}: not at all.",
  );
