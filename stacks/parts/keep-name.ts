/**
 * Names that hold the region. A module whose lookups wait for what it depends on does not know them while planning, and an unknown name would replace
 * what bears it. So the name is kept, until what the cache is changes.
 */
import type { TerraformData } from "../terraform/terraform-data";

/**
 * @param identity what the parts are of; undefined: the region is always known
 * @param attribute that holds the name
 */
export function keepName(identity: TerraformData | undefined, attribute = "name") {
  return identity && { ignoreChanges: [attribute], replaceTriggeredBy: [identity.address] };
}
