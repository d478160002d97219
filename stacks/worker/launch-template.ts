/**
 * The worker's launch template. Terraform owns it except the cache device: mapping 1 is made empty, and from then on rotation
 * alone writes it.
 */
import type { WorkerSettings } from "../../lib/config/cell";
import { CACHE_DEVICE_NAME, cacheId, ROLES, TAG } from "../../lib/contract";
import type { WorkerSetting } from "../../lib/userdata/settings";
import type { CellScope } from "../parts/cell-scope";
import { metadataOptions, rootVolume, tagSpecifications } from "../parts/instance";
import type { SecurityGroups } from "../parts/security-group";
import type { Switches } from "../parts/switches";
import { commonSettings, type Settings, userDataFits, WorkerUserData } from "../parts/user-data";
import { LaunchTemplate } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { countIfWanted, isAbsent, isMaybe, mayBeNull, optionalBlock } from "../terraform/maybe";
import { addNetwork } from "./network";

export interface WorkerTemplate {
  readonly template: LaunchTemplate;
  readonly userData: WorkerUserData;
}

export function createLaunchTemplate(
  cell: CellScope<WorkerSettings & Switches>,
  instanceProfileName: string,
  securityGroups: SecurityGroups,
): WorkerTemplate {
  const { scope, props, names, tags } = cell;
  const userData = new WorkerUserData(scope, settings(props), props.start);
  const template = new LaunchTemplate(scope, "worker.template", {
    name: names.worker,
    description: `Worker with the Docker cache ${props.name}/${props.architecture}`,
    updateDefaultVersion: true,
    imageId: props.instance.imageId,
    instanceType: props.instance.instanceType,
    blockDeviceMappings: [rootVolume(props), { deviceName: CACHE_DEVICE_NAME, noDevice: "true" }],
    metadataOptions: metadataOptions(props.metadataHopLimit),
    tagSpecifications: tagSpecifications(tags({ Name: names.worker, [TAG.role]: ROLES.worker })),
    userData: userData.template.asString,
    tags: tags(consumeTags(props)),
    count: countIfWanted(props.createLaunchTemplate),
    lifecycle: {
      ignoreChanges: ["block_device_mappings[1]"],
      precondition: [userDataFits("worker", userData.template)],
    },
  });
  // A module's user may have none.
  const profile = isAbsent(props.createRole) ? instanceProfileName : mayBeNull(instanceProfileName);
  optionalBlock(template, "iam_instance_profile", profile, (name) => ({ name }));
  addNetwork(template, props, securityGroups);
  comment(
    template,
    "The cache device belongs to rotation, which puts the promoted snapshot there; until then it stays empty.",
    "lifecycle",
  );
  return { template, userData };
}

/** The tags that hand a template's cache device to rotation. */
export function consumeTags(props: WorkerSettings): Record<string, string> {
  return {
    [TAG.consume]: cacheId(props.name, props.architecture),
    [TAG.device]: CACHE_DEVICE_NAME,
    [TAG.mapping]: mapping(props),
  };
}

/** Mapping of the cache volume for rotation, e.g. `size=150 type=gp3 rate=200`. */
function mapping({ volume, initializationRateMibps }: WorkerSettings): string {
  const wanted = {
    size: volume.sizeGib,
    type: volume.type,
    iops: volume.iops,
    throughput: volume.throughputMibps,
    rate: initializationRateMibps,
  };
  const entries = Object.entries(wanted).filter(([, value]) => !isAbsent(value));
  const words = entries.map(([key, value]) =>
    isMaybe(value) ? hcl`${value} == null ? "" : ${`${key}=${str`${value}`}`}` : `${key}=${str`${value}`}`,
  );
  if (!entries.some(([, value]) => isMaybe(value))) return entries.map(([key, value]) => `${key}=${value}`).join(" ");
  return str`join(" ", compact(${words}))`;
}

function settings(props: WorkerSettings): Settings<WorkerSetting> {
  return {
    ...commonSettings(props),
    TIMEOUT_SECONDS: props.timeoutSeconds,
    MIN_FREE_GIB: props.minFreeGib,
    HYDRATE: props.hydrate,
    HYDRATE_RATE_MIBPS: props.hydrateRateMibps,
    USER_SCRIPT: props.script,
  };
}
