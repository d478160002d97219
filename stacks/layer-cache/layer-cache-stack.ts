/** The layer caches of one region. */
import { isLayerCache, type Region } from "../../lib/config/cell";
import { entryId, type StackContext } from "../faces/noun";
import { RegionStack } from "../faces/region-stack";
import type { App } from "../terraform/cdktf";
import { LayerCache } from "./layer-cache";

export class LayerCacheStack extends RegionStack {
  constructor(app: App, id: string, { deployment }: StackContext, region: Region) {
    super(app, id, { deployment, region: region.name });
    for (const settings of region.companions.filter(isLayerCache)) {
      const made = new LayerCache(this, entryId(settings), settings);
      this.outputs(entryId(settings), {
        bucket: made.bucket,
        repository_url: made.repositoryUrl,
        reader_policy_arn: made.readerPolicyArn,
        branch_writer_policy_arn: made.branchWriterPolicyArn,
        writer_policy_arn: made.writerPolicyArn,
      });
    }
  }
}
