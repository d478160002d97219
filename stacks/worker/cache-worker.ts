/** Workers of one cache and architecture: a launch template whose cache device carries the promoted snapshot. */
import type { WorkerSettings } from "../../lib/config/cell";
import { cellScope } from "../parts/cell-scope";
import type { Switches } from "../parts/switches";
import type { WorkerUserData } from "../parts/user-data";
import { Construct, type LaunchTemplate } from "../terraform/cdktf";
import { inFile } from "../terraform/in-file";
import { attributeOf } from "../terraform/maybe";
import { createLaunchTemplate } from "./launch-template";
import { createNetwork } from "./network";
import { createWorkerRole, type WorkerRole } from "./role";

/** Every value may be a literal or a Terraform expression; what may be null at plan time is marked with `mayBeNull`. */
export type CacheWorkerProps = WorkerSettings & Switches;

export class CacheWorker extends Construct {
  readonly launchTemplate: LaunchTemplate;
  readonly userData: WorkerUserData;
  readonly role: WorkerRole;
  /** null if the security groups are the user's or EC2's. */
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, props: CacheWorkerProps) {
    super(scope, id);
    const cell = cellScope(this, props);
    const securityGroups = inFile(this, "network", () => createNetwork(cell));
    const role = inFile(this, "iam", () => createWorkerRole(cell));
    const { template, userData } = inFile(this, "launch_template", () =>
      createLaunchTemplate(cell, role.instanceProfileName, securityGroups),
    );
    this.launchTemplate = template;
    this.userData = userData;
    this.role = role;
    this.securityGroupId = attributeOf(securityGroups.own, "id");
  }
}
