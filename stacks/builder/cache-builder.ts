/** Builds one cache for one architecture: a volume that lives on, and short-lived instances that fill, prove and snapshot it. */
import { MANIFEST_RETENTION_DAYS } from "../../lib/contract";
import { cellScope } from "../parts/cell-scope";
import { createLogGroup } from "../parts/log-group";
import { createSecurityGroup } from "../parts/security-group";
import { type CloudwatchLogGroup, Construct, type EbsVolume } from "../terraform/cdktf";
import { inFile } from "../terraform/in-file";
import { attributeOf } from "../terraform/maybe";
import { createImageParameters } from "./images";
import { createLaunchTemplate } from "./launch-template";
import { createReplication } from "./replication";
import { type BuilderRole, type BuilderRoleProps, createBuilderRole } from "./role";
import { createSchedule } from "./schedule";
import { createScript } from "./script";
import { createKeyRule, createSizeRule, createVolume, createVolumeParameter } from "./volume";
import { createSubnet, createZone } from "./zone";

/** Every value may be a literal or a Terraform expression; what may be null at plan time is marked with `mayBeNull`. */
export type CacheBuilderProps = BuilderRoleProps;

export class CacheBuilder extends Construct {
  readonly launchTemplateId: string;
  readonly cacheVolume: EbsVolume;
  /** Of the builder instance. */
  readonly role: BuilderRole;
  /** null if the security groups are the user's. */
  readonly securityGroupId: string;
  readonly logGroup: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, props: CacheBuilderProps) {
    super(scope, id);
    const cell = cellScope(this, props);
    const zone = inFile(this, "network", () => createZone(cell));
    const { volume, generation } = inFile(this, "volume", () => createVolume(cell, zone));
    const subnet = inFile(this, "network", () => createSubnet(cell, zone, volume));
    const stays = inFile(this, "volume", () => [createSizeRule(cell, volume), createKeyRule(cell, generation)]);
    inFile(this, "volume", () => createVolumeParameter(cell, volume));
    inFile(this, "images", () => createImageParameters(cell));
    const script = inFile(this, "script", () => createScript(cell));
    const [logGroup, manifestLogGroup] = inFile(this, "logs", () => [
      createLogGroup(cell, "builder", cell.names.builderLogGroup),
      createLogGroup(cell, "manifests", cell.names.manifestLogGroup, MANIFEST_RETENTION_DAYS),
    ]);
    const role = inFile(this, "iam", () => createBuilderRole(cell, [logGroup, manifestLogGroup]));
    const securityGroups = inFile(this, "network", () =>
      createSecurityGroup(cell, "builder", cell.names.builder, zone.subnet.vpcId),
    );
    const template = inFile(this, "launch_template", () =>
      createLaunchTemplate(cell, {
        subnet: { ...subnet, conditions: [...subnet.conditions, ...stays] },
        volume,
        script,
        logGroup,
        manifestLogGroup,
        role,
        securityGroups,
      }),
    );
    inFile(this, "schedule", () => createSchedule(cell, template, role));
    inFile(this, "replication", () => createReplication(cell));
    this.launchTemplateId = template.id;
    this.cacheVolume = volume;
    this.role = role;
    this.securityGroupId = attributeOf(securityGroups.own, "id");
    this.logGroup = logGroup;
  }
}
