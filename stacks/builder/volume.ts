/** The cache volume: it lives on between builds, so that pulls are deltas and snapshots increments, and DLM has something to target. */
import type { BuilderSettings } from "../../lib/config/cell";
import { BUILDER_VOLUME_TAGS, cacheId, ROLES, TAG } from "../../lib/contract";
import { VOLUME_TYPES } from "../../lib/volume-types";
import type { Rule } from "../faces/module-stack";
import type { CellScope } from "../parts/cell-scope";
import { DataAwsEbsVolume, EbsVolume, SsmParameter, Token } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { num, str } from "../terraform/expression";
import { lookedUp } from "../terraform/looked-up";
import { orElse } from "../terraform/maybe";
import { TerraformData } from "../terraform/terraform-data";
import type { Zone } from "./zone";

/** Tags by which policies know the cache volume of this cache among all volumes. */
function volumeTags(props: BuilderSettings): Record<string, string> {
  return { [TAG.role]: ROLES.cacheVolume, [TAG.replicate]: cacheId(props.name, props.architecture) };
}

export interface CacheVolume {
  readonly volume: EbsVolume;
  /** Another number is the way to a new volume. */
  readonly generation: TerraformData;
}

export function createVolume(cell: CellScope<BuilderSettings>, zone: Zone): CacheVolume {
  const { scope, props, names, tags } = cell;
  const { volume: wanted } = props;
  const generation = new TerraformData(scope, "generation", wanted.generation);
  const volume = new EbsVolume(scope, "cache.volume", {
    availabilityZone: zone.subnet.availabilityZone,
    size: wanted.sizeGib,
    type: wanted.type,
    ...performance(wanted),
    encrypted: true,
    kmsKeyId: props.kmsKeyArn ?? undefined,
    tags: tags({ Name: names.builder, ...volumeTags(props) }),
    lifecycle: {
      ignoreChanges: ["availability_zone", "kms_key_id", ...BUILDER_VOLUME_TAGS.map((key) => `tags["${key}"]`)],
      replaceTriggeredBy: [generation.address, cell.identity.address],
    },
  });
  comment(
    generation,
    "Another number replaces the cache volume by a new one: blocks once written are never given back.",
  );
  comment(
    volume,
    "A volume keeps its zone and its key. These tags belong to the builder, which says with them what the volume holds.",
    "lifecycle",
  );
  return { volume, generation };
}

/**
 * IOPS and throughput. gp3's baseline is stated: what is not, the provider keeps from before, and asks for it beside another type.
 * Source: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html#gp3-ebs-volume-type
 */
function performance({ type, iops, throughputMibps }: BuilderSettings["volume"]) {
  const { baselineIops, throughputMibps: range } = VOLUME_TYPES.gp3;
  const orBase = (value: number | null, base: number) =>
    Token.isUnresolved(type)
      ? num`${value} == null && ${type} == "gp3" ? ${base} : ${value}`
      : (value ?? (type === "gp3" ? base : undefined));
  return { iops: orBase(iops, baselineIops), throughput: orBase(throughputMibps, range[0]) };
}

/**
 * A volume keeps its key, and what may use it follows the key that is given. So another one is refused, except for a new volume. An unknown one is waited
 * for, since it is the same most of the time.
 */
export function createKeyRule({ scope, props, identity }: CellScope<BuilderSettings>, generation: TerraformData): Rule {
  const given = str`${orElse(props.kmsKeyArn, "")}`;
  const key = new TerraformData(scope, "volume_key", given, {
    ignoreChanges: ["input"],
    replaceTriggeredBy: [generation.address, identity.address],
  });
  comment(key, "The key that the volume was made with; empty: AWS's own.");
  const named = (arn: string) => str`${arn} == "" ? "the AWS managed key" : ${arn}`;
  return {
    condition: str`${key.output} == ${given}`,
    errorMessage: `The cache volume of ${props.name}/${props.architecture} has ${named(key.output)}, and kms_key_arn asks for ${named(given)}: a volume keeps its key. Leave kms_key_arn as it was, or raise generation, which makes a new volume.`,
  };
}

/** EBS volumes grow and never shrink. What the volume has now is asked, since it may have grown. */
export function createSizeRule({ scope, props }: CellScope<BuilderSettings>, volume: EbsVolume): Rule {
  const id = lookedUp(scope, "cache_volume_id", volume.id);
  const now = new DataAwsEbsVolume(scope, "cache.now", { filter: [{ name: "volume-id", values: [id] }] });
  return {
    condition: str`${props.volume.sizeGib} >= ${now.size}`,
    errorMessage: `The cache volume of ${props.name}/${props.architecture} has ${str`${now.size}`} GiB, and a volume never shrinks: state at least that, or raise generation, which makes a new volume.`,
  };
}

/** Volume that a genuine snapshot comes from: rotation promotes no other's. */
export function createVolumeParameter(cell: CellScope<BuilderSettings>, volume: EbsVolume): SsmParameter {
  return new SsmParameter(cell.scope, "volume_id.parameter", {
    name: cell.parameters.volumeId,
    description: `Cache volume of ${cell.props.name}/${cell.props.architecture}`,
    type: "String",
    insecureValue: volume.id,
    tags: cell.tags(),
  });
}
