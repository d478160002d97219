/** The CI images of one region. */
import { isCiImages, type Region } from "../../lib/config/cell";
import { entryId, type StackContext } from "../faces/noun";
import { RegionStack } from "../faces/region-stack";
import type { App } from "../terraform/cdktf";
import { CiImages } from "./ci-images";

export class CiImagesStack extends RegionStack {
  constructor(app: App, id: string, { deployment }: StackContext, region: Region) {
    super(app, id, { deployment, region: region.name });
    for (const settings of region.companions.filter(isCiImages)) {
      const made = new CiImages(this, entryId(settings), settings);
      this.outputs(entryId(settings), {
        repository_url: made.repositoryUrl,
        repository_name: settings.repository,
        puller_policy_arn: made.pullerPolicyArn,
        pusher_policy_arn: made.pusherPolicyArn,
      });
    }
  }
}
