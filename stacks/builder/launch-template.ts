/** The builder's launch template: all that Scheduler and `docker-cache build` need to know. */
import type { BuilderSettings } from "../../lib/config/cell";
import { CACHE_DEVICE_NAME, ROLES, TAG } from "../../lib/contract";
import type { BuilderSetting } from "../../lib/userdata/settings";
import type { CellScope } from "../parts/cell-scope";
import { metadataOptions, rootVolume, tagSpecifications } from "../parts/instance";
import type { SecurityGroups } from "../parts/security-group";
import type { Tags } from "../parts/tags";
import { builderUserData, commonSettings, type Settings, userDataFits } from "../parts/user-data";
import { type CloudwatchLogGroup, type EbsVolume, LaunchTemplate, Token } from "../terraform/cdktf";
import { hcl, str } from "../terraform/expression";
import { mapEntries, mapObjects } from "../terraform/lists";
import { isAbsent, isMaybe } from "../terraform/maybe";
import type { BuilderRole } from "./role";
import type { BuilderScript } from "./script";
import type { BuilderSubnet } from "./zone";

interface Parts {
  readonly subnet: BuilderSubnet;
  readonly volume: EbsVolume;
  readonly logGroup: CloudwatchLogGroup;
  readonly manifestLogGroup: CloudwatchLogGroup;
  readonly script: BuilderScript;
  readonly role: BuilderRole;
  readonly securityGroups: SecurityGroups;
}

export function createLaunchTemplate(cell: CellScope<BuilderSettings>, parts: Parts): LaunchTemplate {
  const { scope, props, names, tags } = cell;
  const userData = builderUserData(scope, settings(cell, parts));
  return new LaunchTemplate(scope, "builder.template", {
    name: names.builder,
    description: `Builder of the Docker cache ${props.name}/${props.architecture}`,
    updateDefaultVersion: true,
    imageId: props.instance.imageId,
    instanceType: props.instance.instanceType,
    // The builder ends by switching itself off: the volume lives on, the instance does not.
    instanceInitiatedShutdownBehavior: "terminate",
    iamInstanceProfile: parts.role.profile,
    blockDeviceMappings: [rootVolume(props)],
    networkInterfaces: [
      {
        deviceIndex: 0,
        subnetId: parts.subnet.id,
        securityGroups: parts.securityGroups.ids,
        associatePublicIpAddress: publicAddress(props),
        deleteOnTermination: "true",
      },
    ],
    metadataOptions: metadataOptions(1),
    tagSpecifications: tagSpecifications(tags(builderTags(cell))),
    userData: userData.asString,
    tags: tags(),
    // No builder starts that finds no script.
    dependsOn: [parts.script.parameters],
    lifecycle: { precondition: [...parts.subnet.conditions, userDataFits("builder", userData)] },
  });
}

/** Tags of a builder and of what is launched with it; rotation learns its watchdog by them. */
export function builderTags({ props, names }: CellScope<BuilderSettings>): Tags {
  const { watchdogMinutes } = props;
  const minutes = Token.isUnresolved(watchdogMinutes) ? str`tostring(${watchdogMinutes})` : String(watchdogMinutes);
  return { Name: names.builder, [TAG.role]: ROLES.builder, [TAG.watchdogMinutes]: minutes };
}

/** A default subnet's only way out is a public address; in a named one there is none unless it is asked for. */
function publicAddress({ network: { subnetId, associatePublicIpAddress: asked } }: BuilderSettings): string {
  if (!isMaybe(subnetId) && !isMaybe(asked)) return String(asked ?? isAbsent(subnetId));
  return str`coalesce(${asked}, ${isAbsent(subnetId) ? true : hcl`${subnetId} == null`})`;
}

function settings({ props, parameters }: CellScope<BuilderSettings>, parts: Parts): Settings<BuilderSetting> {
  return {
    ...commonSettings(props),
    CACHE_VOLUME_ID: parts.volume.id,
    DEVICE_NAME: CACHE_DEVICE_NAME,
    FILE_SYSTEM: props.volume.fileSystem,
    WATCHDOG_MINUTES: props.watchdogMinutes,
    REPLICATE_AT: props.replicateAt,
    SCRIPT_PARAMETER_PATH: parts.script.path,
    SCRIPT_SHA256: parts.script.sha256,
    IMAGES_PARAMETER_PATH: parameters.images,
    REJECTED_PARAMETER: parameters.rejected,
    LOG_GROUP: parts.logGroup.name,
    MANIFEST_LOG_GROUP: parts.manifestLogGroup.name,
    REGISTRY_LOGINS: mapObjects(props.registries, ({ host, secretName }) => `${host} ${secretName}`),
    PULL_THROUGH: mapEntries(props.pullThrough, (host, prefix) => `${host} ${prefix}`),
    PARALLEL_PULLS: props.parallelPulls,
    HOT_SET_PERCENT: props.hotSetPercent,
  };
}
