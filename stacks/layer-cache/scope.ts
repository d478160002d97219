/** Scope of the parts of the layer cache. */
import type { LayerCacheSettings } from "../../lib/config/cell";
import { bucketName } from "../../lib/layer-cache";
import { companionScope, type Scope } from "../parts/scope";
import { type Construct, TerraformLocal } from "../terraform/cdktf";
import { isMaybe, orElse } from "../terraform/maybe";
import { TerraformData } from "../terraform/terraform-data";

/** What the resources are made of. The rest of the settings is of jobs alone. */
export type LayerCacheProps = Omit<LayerCacheSettings, "protectedBranches" | "builder">;

export interface LayerCacheScope extends Scope<LayerCacheProps> {
  readonly identity: TerraformData;
  /** Name of the bucket, ours or the user's; it means nothing with another backend. */
  readonly bucket: string;
}

export function layerCacheScope(at: Construct, props: LayerCacheProps): LayerCacheScope {
  const scope = companionScope(at, props);
  const ours = bucketName(props.name, scope.current.account, scope.current.region);
  const identity = new TerraformData(at, "identity", { name: props.name });
  return {
    ...scope,
    identity,
    bucket: isMaybe(props.bucket) ? inShort(at, props.bucket, ours) : (props.bucket ?? ours),
  };
}

/** Modules are read by people: a local value says it there. */
function inShort(at: Construct, given: string | null, ours: string): string {
  return new TerraformLocal(at, "bucket.local", orElse(given, ours)).asString;
}
