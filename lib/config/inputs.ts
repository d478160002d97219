/**
 * The variables of the Terraform modules: the fields of the configuration that each noun needs, under the same names. A group of fields is
 * one variable, an object with optional attributes. Type, default and validation follow from the field (stacks/faces/variable-type.ts).
 */

import { z } from "zod";
import { ARCHITECTURES, WAKES } from "../contract";
import { IMAGE_LINE } from "../image-reference";
import type { Companion } from "./companion";
import { build } from "./schema/build";
import { cache, imageEntry } from "./schema/cache";
import { cacheName, type InstanceNoun, regionName, roleArn, spelled } from "./schema/fields";
import { instance } from "./schema/instance";
import { FIRST_PROVIDER_OF_NODEJS24 } from "./schema/lambda-runtime";
import { network, region } from "./schema/region";
import { retention, rotation } from "./schema/retention";
import { configSchema } from "./schema/schema";
import { builderVolume, WORKER_ROOM_GIB, workerVolume } from "./schema/volume";
import { worker } from "./schema/worker";
import { bare } from "./text/expected";

/** One variable. */
export interface Input {
  /** Name of the variable, that of the field. */
  readonly name: string;
  /** Source of type, default, bounds and description. A field without default is a variable that must be given. */
  readonly field: z.ZodType;
  /** Text that `terraform-docs` shows: the field's meaning and, of an object, that of each attribute. */
  readonly description: string;
}

/** Fields by the names of their variables. */
export type Fields = Readonly<Record<string, z.ZodType>>;

const owned = {
  tags: configSchema.shape.tags,
  permissions_boundary_arn: cache.shape.permissions_boundary_arn,
  role_path: cache.shape.role_path,
  kms_key_arn: region.shape.kms_key_arn,
} satisfies Fields;

const common = {
  name: cacheName.describe("Name of the cache, the same for builder, rotation and worker."),
  architecture: z.enum(ARCHITECTURES).default("x86_64").describe("CPU architecture."),
  ...owned,
} satisfies Fields;

const log_retention_days = cache.shape.log_retention_days;

/** Instance and network of a noun. The type and the AMI that stand for null are those of the configuration, by architecture. */
function machine(noun: InstanceNoun) {
  const { instance_type, image_id, ...disk } = instance("x86_64", noun).shape;
  return {
    instance_type: byArchitecture(instance_type, noun, "instance_type"),
    image_id: byArchitecture(image_id, noun, "image_id"),
    ...disk,
    ...network(noun).shape,
    proxy: region.shape.proxy,
  };
}

/** @param meaning What of a noun's own the key encrypts. */
const kmsKey = (meaning: string) => region.shape.kms_key_arn.describe(meaning);

/** What a module makes unless it is told not to. Terraform knows it, even if it does not know yet what takes the part's place. */
const made = (meaning: string) => z.boolean().default(true).describe(meaning);

function byArchitecture(field: z.ZodDefault<z.ZodString>, noun: InstanceNoun, key: "instance_type" | "image_id") {
  const defaults = ARCHITECTURES.map((name) => `${instance(name, noun).shape[key].parse(undefined)} for ${name}`);
  return field
    .unwrap()
    .nullable()
    .default(null)
    .describe(`${field.description} null: ${defaults.join(", ")}.`);
}

/** The default of the builder's size and the room over it, since a module does not see the other's variables. */
const DEFAULT_WORKER_SIZE_GIB = builderVolume.shape.size_gib.parse(undefined) + WORKER_ROOM_GIB;

const { email, topic_arn: topicArn } = region.shape.notifications.unwrap().shape;
/** As in the configuration, except the topic: the plan must know if there is one, when its ARN may be unknown. */
const notifications = z
  .strictObject({
    email,
    topic: z
      .strictObject({ arn: topicArn.unwrap().unwrap().describe("ARN of the topic, which the same run may create.") })
      .nullable()
      .default(null)
      .describe(topicArn.description!),
  })
  .prefault({})
  .describe(region.shape.notifications.description!);

const topic = notifications.unwrap().shape.topic;
/** As for rotation. A companion's topic may have other publishers than alarms. */
const companionNotifications = notifications
  .unwrap()
  .extend({
    topic: topic.describe(
      "SNS topic of yours in place of ours. Its policy and its key must admit what publishes to ours.",
    ),
  })
  .prefault({})
  .describe(notifications.description!);

/** A module does not see which AWS provider it meets. So the default is one that every provider of its range takes, which a test holds. */
const moduleRuntime = rotation.shape.lambda_runtime
  .unwrap()
  .unwrap()
  .default("nodejs22.x")
  .describe(
    `Lambda runtime. nodejs24.x needs AWS provider ${FIRST_PROVIDER_OF_NODEJS24} or later: an older one refuses it, so require that in your \`required_providers\`.`,
  );

/** Null means the default to a module. So what null says in the configuration is said by a number here: for Lambda's, AWS's own -1. */
const numbersForNone = {
  reserved_concurrency: z
    .int()
    .min(-1)
    .max(1000)
    .default(rotation.shape.reserved_concurrency.parse(undefined)!)
    .describe(
      "Reserved concurrency of the function, from 1 to 1000. -1: none, where the quota of a young account refuses it; nothing relies on it.",
    ),
  hydrate_rate_mibps: worker.shape.hydrate_rate_mibps
    .unwrap()
    .unwrap()
    .default(worker.shape.hydrate_rate_mibps.parse(undefined)!)
    .describe("Ceiling for reading ahead of the rest, in MiB/s; the hot set is read at full speed. 0: none."),
};

/** The fields of the nouns of a cache. */
export const NOUN_FIELDS = {
  builder: {
    ...common,
    log_retention_days,
    images: z
      .array(z.union([spelled(IMAGE_LINE, "REFERENCE[ optional][ warm=whole][ smoke=COMMAND]"), imageEntry]))
      .min(1)
      .max(1000)
      .describe(
        "Images of the cache, each an object or a line `REFERENCE[ optional][ warm=whole][ smoke=COMMAND]`: by tag or digest, may be missing, read ahead whole, command that proves it.",
      ),
    image_store: cache.shape.image_store,
    ...machine("builder"),
    create_security_group: made(
      "Make the builders' security group, unless `security_group_ids` names some. false: it must.",
    ),
    create_role: made(
      "Make the builders' role and instance profile. false: `instance_profile_name` and `role_arn` are yours, and the role has what `role_policy_json` says. Schedule and copies have roles of their own in any case.",
    ),
    instance_profile_name: worker.shape.instance_profile_name.describe(
      "Instance profile of yours for builders, only with `create_role = false`.",
    ),
    role_arn: roleArn
      .nullable()
      .default(null)
      .describe("Role of that instance profile, which the schedule passes to the instances."),
    volume: cache.shape.volume,
    build: cache.shape.build,
    copy_to: z
      .array(
        z.strictObject({
          region: regionName.describe("Region that copies."),
          kms_key_arn: kmsKey(
            "Customer key of that region for the copies, the `kms_key_arn` of its own call. null: the AWS managed key.",
          ),
          schedule: region.shape.dlm_schedule,
        }),
      )
      .max(12)
      .default([])
      .describe("Regions that copy the cache from here; their rotation names this region in `copy_from`."),
    copy_retention_days: retention.shape.copy_retention_days,
    registries: cache.shape.registries,
    pull_through: cache.shape.pull_through.describe(
      "Upstream host, or host and path, to the beginning of a repository in ECR, as output `pull_through` of the module `pull-through` has it: builders pull through ECR of their region and keep the original names. The longest that fits wins. null: {}.",
    ),
  },
  rotation: {
    ...common,
    kms_key_arn: kmsKey(
      "Customer key of this region for logs, topic and the function's environment. null: the AWS managed keys.",
    ),
    log_retention_days,
    image_store: cache.shape.image_store,
    copy_from: region.shape.copy_from,
    cadence_hours: z
      .int()
      .min(1)
      .max(8784)
      .default(24)
      .describe(
        "Longest time between two builds in hours, at least 24 with `copy_from`; an alarm rises at twice this age.",
      ),
    copy_retention_days: retention.shape.copy_retention_days.describe(
      "Days that DLM keeps the copies that arrive here, as the builder of `copy_from` says. It counts only for copies whose own date is missing or cannot be read.",
    ),
    retention: retention.omit({ copy_retention_days: true }).prefault({}).describe(cache.shape.retention.description!),
    ...rotation.shape,
    reserved_concurrency: numbersForNone.reserved_concurrency,
    lambda_runtime: moduleRuntime,
    wake: z
      .enum(WAKES)
      .default("rule")
      .describe(
        "What wakes the function between its scheduled runs. `rule`: a rule of its own, which each snapshot of the region sets off, whosever it is. `router`: the router of a rotation stack in the region. `none`: nothing.",
      ),
    fast_restore_zones: region.shape.fast_restore_zones,
    watchdog_minutes: build.shape.watchdog_minutes.describe(
      "Minutes after which rotation sweeps a builder whose instance does not tell its own.",
    ),
    notifications,
  },
  worker: {
    ...common,
    kms_key_arn: kmsKey(
      "Customer key of this region for the workers' root disk; the cache volume has the snapshot's. null: the AWS managed key.",
    ),
    image_store: cache.shape.image_store,
    ...machine("worker"),
    create_launch_template: made(
      "Make the workers' launch template. false: yours has `consume_tags` and user data of this module.",
    ),
    create_security_group: made(
      "Make the workers' security group, unless `security_group_ids` names some. false, and none named: EC2 takes the VPC's default group.",
    ),
    create_role: made(
      "Make the workers' role and instance profile, unless `instance_profile_name` names one. false, and none named: workers have no role, and tell no metric.",
    ),
    // `warmth` is left out: a module says it with `initialization_rate_mibps` here and with rotation's `fast_restore_zones`. The launches of a
    // region are more than one module's. Access to pull-through is a policy there, an output of its module.
    ...worker.omit({ warmth: true, max_simultaneous_launches: true, pull_through_access: true }).shape,
    hydrate_rate_mibps: numbersForNone.hydrate_rate_mibps,
    initialization_rate_mibps: worker.shape.initialization_rate_mibps.describe(
      "Volume initialization rate in MiB/s, billed per launch. null: blocks are loaded on first touch. An account has 5,000 MiB/s per region at a time.",
    ),
    volume: workerVolume
      .extend({
        size_gib: workerVolume.shape.size_gib
          .unwrap()
          .unwrap()
          .default(DEFAULT_WORKER_SIZE_GIB)
          .describe("Size in GiB, at least the builder's, with room for containers and layers of the worker's own."),
      })
      .prefault({})
      .describe(worker.shape.volume.description!),
    read_pointer: z
      .boolean()
      .default(false)
      .describe(
        "Read which snapshot is promoted, for the outputs `snapshot_id` and `block_device_mappings`; plans then change with every promotion.",
      ),
  },
} as const satisfies Record<string, Fields>;

/** The variables of the caches' modules, in the order in which a reader wants them. */
export const MODULE_INPUTS: Readonly<Record<keyof typeof NOUN_FIELDS, readonly Input[]>> = {
  builder: inputsOf(NOUN_FIELDS.builder),
  rotation: inputsOf(NOUN_FIELDS.rotation),
  worker: inputsOf(NOUN_FIELDS.worker),
};

/** The variables of a companion's module: its name if there may be several, what every noun has, and the fields of an entry. `notifications` comes with what has alarms. */
export function companionInputs({ entries, fields, moduleFields, logs, alarms }: Companion): Input[] {
  return inputsOf({
    ...(entries === "named" && { name: cacheName.describe("Name of the entry, part of the names of what is made.") }),
    ...owned,
    tags: configSchema.shape.tags.describe("Tags for every resource, beside our own."),
    kms_key_arn: region.shape.kms_key_arn.describe("Customer key for what is stored. null: the AWS managed keys."),
    ...(logs && { log_retention_days }),
    ...(fields as Fields),
    ...(moduleFields as Fields | undefined),
    ...(alarms && { notifications: companionNotifications }),
  });
}

/** Variables of fields, in their order. */
export function inputsOf(fields: Fields): Input[] {
  return Object.entries(fields).map(([name, field]) => ({ name, field, description: describe(field) }));
}

/**
 * The meaning of a field and, of an object, type, default and meaning of each attribute, one a line. An attribute of an attribute is called by its
 * path.
 */
function describe(field: z.ZodType, path = ""): string {
  const shape = objectIn(field)?.shape as Fields | undefined;
  if (shape === undefined) return field.description!;
  const attributes = Object.entries(shape).map(
    ([name, part]) => `\`${path}${name}\` (${kindOf(part)}): ${describe(part, `${path}${name}.`)}`,
  );
  return [field.description!, ...attributes].join("\n");
}

/** The object that a field is, or whose list or map it is. */
function objectIn(field: z.ZodType): z.ZodObject | undefined {
  const inner = bare(field);
  const element = bare(elementOf(inner) as z.ZodType);
  const options = element instanceof z.ZodUnion ? (element.options as z.ZodType[]) : [element];
  return options.find((option) => option instanceof z.ZodObject);
}

function elementOf(inner: z.ZodType) {
  if (inner instanceof z.ZodArray) return inner.element;
  return inner instanceof z.ZodRecord ? inner.valueType : inner;
}

/** Type and default of an attribute, in words. */
function kindOf(field: z.ZodType): string {
  const inner = bare(field);
  const kinds = [
    [z.ZodNumber, "number"],
    [z.ZodBoolean, "bool"],
    [z.ZodArray, "list"],
    [z.ZodObject, "object"],
  ] as const;
  const kind = kinds.find(([type]) => inner instanceof type)?.[1] ?? "string";
  const parsed = field.safeParse(undefined);
  if (!parsed.success) return `${kind}, required`;
  return kind === "object" && parsed.data !== null ? kind : `${kind}, default ${JSON.stringify(parsed.data)}`;
}
