/** The rules that the configuration's check of volumes has (lib/volume-types.ts), for a volume that only the plan knows. */
import { IOPS_PER_MIBPS, VOLUME_TYPES } from "../../lib/volume-types";
import { TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { objects } from "../terraform/lists";
import type { ModuleStack, Rule } from "./module-stack";

const SIZE = hcl`local.volume.size_gib`;
const TYPE = hcl`local.volume.type`;
const IOPS = hcl`local.volume.iops`;
const THROUGHPUT = hcl`local.volume.throughput_mibps`;

/** Rules of the variable `volume`. */
export function volumeRules(module: ModuleStack): Rule[] {
  const types = Object.entries(VOLUME_TYPES).map(([name, type]) => [name, (objects([type]) as object[])[0]]);
  const table = new TerraformLocal(module, "volume_types.local", Object.fromEntries(types));
  comment(table, "What EBS takes of each type; null: nothing.");
  const type = new TerraformLocal(module, "volume_type.local", hcl`${table.expression}[${TYPE}]`).expression;
  const most = new TerraformLocal(
    module,
    "most_iops.local",
    hcl`try(min(${type}.iops[1], max(${type}.iops_per_gib * ${SIZE}, coalesce(${type}.baseline_iops, 0))), 0)`,
  ).expression;
  const fed = new TerraformLocal(
    module,
    "most_throughput_mibps.local",
    hcl`floor(coalesce(${IOPS}, ${type}.baseline_iops, 0) / ${IOPS_PER_MIBPS})`,
  ).expression;
  return [sizeRule(type), ...iopsRules(type, most), ...throughputRules(type, fed)];
}

function sizeRule(type: unknown): Rule {
  return {
    condition: str`${SIZE} >= ${type}.size_gib[0] && ${SIZE} <= ${type}.size_gib[1]`,
    errorMessage: `volume.size_gib: found ${str`${SIZE}`} GiB, expected ${str`${type}.size_gib[0]`} to ${str`${type}.size_gib[1]`} GiB of type ${str`${TYPE}`}. Change the size, or take type gp3.`,
  };
}

function iopsRules(type: unknown, most: unknown): Rule[] {
  return [
    {
      condition: str`${IOPS} != null || ${type}.baseline_iops != null`,
      errorMessage: `volume.iops: found nothing, expected IOPS for a volume of type ${str`${TYPE}`}. Add iops, or take type gp3.`,
    },
    {
      condition: str`${IOPS} == null || ${type}.iops != null`,
      errorMessage: `volume.iops: found ${str`coalesce(${IOPS}, 0)`}, expected no IOPS, for ${str`${TYPE}`} takes none. Remove it, or take type gp3.`,
    },
    {
      condition: str`try(${IOPS} >= ${type}.iops[0] && ${IOPS} <= ${most}, true)`,
      errorMessage: `volume.iops: found ${str`coalesce(${IOPS}, 0)`}, expected ${str`try(${type}.iops[0], 0)`} to ${str`${most}`} IOPS for ${str`${SIZE}`} GiB of type ${str`${TYPE}`}. Change it, or enlarge the volume.`,
    },
  ];
}

function throughputRules(type: unknown, fed: unknown): Rule[] {
  const found = `volume.throughput_mibps: found ${str`coalesce(${THROUGHPUT}, 0)`} MiB/s, expected`;
  const wanted = str`coalesce(${THROUGHPUT}, 0) * ${IOPS_PER_MIBPS}`;
  const available = str`coalesce(${IOPS}, ${type}.baseline_iops, 0)`;
  return [
    {
      condition: str`${THROUGHPUT} == null || ${type}.throughput_mibps != null`,
      errorMessage: `${found} no throughput, for ${str`${TYPE}`} takes none. Remove it, or take type gp3.`,
    },
    {
      condition: str`${THROUGHPUT} == null || ${type}.throughput_mibps == null ? true : ${THROUGHPUT} <= ${fed}`,
      errorMessage: `${found} at most ${str`${fed}`} MiB/s with ${available} IOPS. Ask for ${wanted} IOPS or more, or lower it.`,
    },
  ];
}
