/** The cache volume: it lives on between builds, so that pulls are deltas and snapshots increments, and DLM has something to target. */
import type { BuilderSettings } from "../../lib/config/cell";
import { BUILDER_VOLUME_TAGS, cacheId, ROLES, TAG } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { EbsVolume, SsmParameter } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
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
      ignoreChanges: BUILDER_VOLUME_TAGS.map((key) => `tags["${key}"]`),
      replaceTriggeredBy: [`terraform_data.${generation.friendlyUniqueId}`],
      precondition: [zone.offered],
    },
  });
  comment(
    generation,
    "Another number replaces the cache volume by a new one: blocks once written are never given back.",
  );
  comment(volume, "These tags belong to the builder, which says with them what the volume holds.", "lifecycle");
  return volume;
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
