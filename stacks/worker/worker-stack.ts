/** The workers of one region: every cache that is there, built here or copied. */
import type { Region } from "../../lib/config/cell";
import type { StackContext } from "../faces/noun";
import { RegionStack } from "../faces/region-stack";
import type { App } from "../terraform/cdktf";
import { CacheWorker } from "./cache-worker";

export class WorkerStack extends RegionStack {
  constructor(app: App, id: string, { deployment }: StackContext, region: Region) {
    super(app, id, { deployment, region: region.name });
    for (const { cache, architecture, worker: settings } of region.cells) {
      const worker = new CacheWorker(this, `${cache}_${architecture}`, settings);
      this.outputs(`${cache}_${architecture}`, {
        launch_template_id: worker.launchTemplate.id,
        launch_template_arn: worker.launchTemplate.arn,
        launch_template_name: worker.launchTemplate.name,
        role_name: worker.role.roleName,
        role_arn: worker.role.roleArn,
        instance_profile_name: worker.role.instanceProfileName,
        instance_profile_arn: worker.role.instanceProfileArn,
        security_group_id: worker.securityGroupId,
      });
    }
  }
}
