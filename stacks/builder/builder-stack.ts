/** The builders of one region: every cache that the region builds itself. */
import type { Region } from "../../lib/config/cell";
import type { StackContext } from "../faces/noun";
import { RegionStack } from "../faces/region-stack";
import type { App } from "../terraform/cdktf";
import { CacheBuilder } from "./cache-builder";

export class BuilderStack extends RegionStack {
  constructor(app: App, id: string, { deployment }: StackContext, region: Region) {
    super(app, id, { deployment, region: region.name });
    for (const { cache, architecture, builder: settings } of region.cells) {
      if (settings === null) continue;
      const builder = new CacheBuilder(this, `${cache}_${architecture}`, settings);
      this.outputs(`${cache}_${architecture}`, {
        launch_template_id: builder.launchTemplateId,
        cache_volume_id: builder.cacheVolume.id,
        availability_zone: builder.cacheVolume.availabilityZone,
        role_arn: builder.role.ownArn,
        role_name: builder.role.ownName,
        security_group_id: builder.securityGroupId,
        log_group_name: builder.logGroup.name,
      });
    }
  }
}
