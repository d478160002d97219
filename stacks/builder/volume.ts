/** The cache volume: it lives on between builds, so that pulls are deltas and snapshots increments, and DLM has something to target. */
import type { BuilderSettings } from "../../lib/config/cell";
import { BUILDER_VOLUME_TAGS, cacheId, ROLES, TAG } from "../../lib/contract";
import type { Rule } from "../faces/module-stack";
import type { CellScope } from "../parts/cell-scope";
import { DataAwsEbsVolume, EbsVolume, SsmParameter } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { str } from "../terraform/expression";
import { lookedUp } from "../terraform/looked-up";
import { TerraformData } from "../terraform/terraform-data";
import type { Zone } from "./zone";

/** Tags by which policies know the cache volume of this cache among all volumes. */
function volumeTags(props: BuilderSettings): Record<string, string> {
  return { [TAG.role]: ROLES.cacheVolume, [TAG.replicate]: cacheId(props.name, props.architecture) };
}

export function createVolume(cell: CellScope<BuilderSettings>, zone: Zone): EbsVolume {
  const { scope, props, names, tags } = cell;
  const { volume: wanted } = props;
  const generation = new TerraformData(scope, "generation", wanted.generation);
  const volume = new EbsVolume(scope, "cache.volume", {
    availabilityZone: zone.subnet.availabilityZone,
    size: wanted.sizeGib,
    type: wanted.type,
    iops: wanted.iops ?? undefined,
    throughput: wanted.throughputMibps ?? undefined,
    encrypted: true,
    kmsKeyId: props.kmsKeyArn ?? undefined,
    tags: tags({ Name: names.builder, ...volumeTags(props) }),
    lifecycle: {
      ignoreChanges: ["availability_zone", ...BUILDER_VOLUME_TAGS.map((key) => `tags["${key}"]`)],
      replaceTriggeredBy: [generation.address, cell.identity.address],
    },
  });
  comment(
    generation,
    "Another number replaces the cache volume by a new one: blocks once written are never given back.",
  );
  comment(
    volume,
    "A volume cannot move to another zone. These tags belong to the builder, which says with them what the volume holds.",
    "lifecycle",
  );
  return volume;
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
