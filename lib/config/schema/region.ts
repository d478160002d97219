/** Settings that may differ from region to region: under `regions.<r>` for all caches, and under `caches.<c>.regions.<r>` for one. */

import { z } from "zod";
import { type InstanceNoun, kmsKeyArn, proxyUrl, regionName, spelled, topicArn } from "./fields";

const SUBNET = {
  builder:
    "Subnet of builders, whose zone is that of the cache volume. null: a default subnet of the default VPC, with a public IP address as its only way out.",
  worker: "Subnet of workers. null: left to whoever launches them, such as an Auto Scaling group.",
} as const;

/** Network of a noun's instances. */
export function network(noun: InstanceNoun) {
  return z.strictObject({
    subnet_id: spelled(/^subnet-[0-9a-f]{8,17}$/, "subnet-…")
      .nullable()
      .default(null)
      .describe(SUBNET[noun]),
    associate_public_ip_address: z
      .boolean()
      .nullable()
      .default(null)
      .describe("Whether instances in `subnet_id` get a public IP address. null: no. Only with `subnet_id`."),
    security_group_ids: z
      .array(spelled(/^sg-[0-9a-f]{8,17}$/, "sg-…"))
      .max(5)
      .default([])
      .describe(`Security groups of ${noun}s in place of ours, which lets nothing in.`),
  });
}

const proxy = z
  .strictObject({
    http: proxyUrl.nullable().default(null).describe("Proxy for http."),
    https: proxyUrl.nullable().default(null).describe("Proxy for https."),
    no: spelled(/^[A-Za-z0-9.:/*,_-]+$/, "hosts, domains or address ranges joined by commas, without blanks")
      .nullable()
      .default(null)
      .describe("Hosts reached directly, joined by commas; the metadata address is always added."),
  })
  .prefault({})
  .describe("Outgoing proxy of builders and workers; nothing given: none.");

/** Settings of a region that a cache may override. */
export const regional = z.strictObject({
  copy_from: regionName
    .nullable()
    .default(null)
    .describe(
      "Region whose DLM copies the snapshots here; it must build the cache itself. null: this region builds for itself.",
    ),
  dlm_schedule: z
    .int()
    .min(1)
    .max(4)
    .default(1)
    .describe(
      "Which of the source's four DLM schedules serves this region, three regions each. Never change it once deployed.",
    ),
  kms_key_arn: kmsKeyArn
    .nullable()
    .default(null)
    .describe(
      "Customer key of this region for volumes, snapshots, logs and topic; another one needs a new cache volume (`generation`). null: the AWS managed keys. Queues are encrypted by SQS itself.",
    ),
  fast_restore_zones: z
    .array(spelled(/^[a-z]{2,4}(-[a-z]+){1,2}-[1-9][a-z]$/, "an availability zone such as eu-west-1a"))
    .max(6)
    .default([])
    .describe(
      "Zones in which fast snapshot restore is on for the promoted snapshot, at about 0.75 USD per zone and hour.",
    ),
  builder: network("builder").prefault({}).describe("Network of builders."),
  worker: network("worker").prefault({}).describe("Network of workers."),
  proxy,
});

/** `regions.<r>.notifications` */
const notifications = z
  .strictObject({
    email: z
      .email({ error: "an e-mail address" })
      .nullable()
      .default(null)
      .describe("Subscribed to the alarm topic of ours."),
    topic_arn: topicArn
      .nullable()
      .default(null)
      .describe(
        "SNS topic of yours in place of ours, unencrypted or with a key that cloudwatch.amazonaws.com may use.",
      ),
  })
  .prefault({})
  .describe("Where the alarms of a region go.");

/** `regions.<r>` */
export const region = regional.extend({ notifications });
