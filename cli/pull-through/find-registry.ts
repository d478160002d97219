/** Finds the account's registry: by the account's id if that is given, else AWS is asked. */
import type { Options } from "../options";
import { type Registry, registryAt, registryOf } from "../registry";
import { ecrOf } from "./ecr";

/**
 * Returns the registry of a region. AWS is asked by the call that everybody makes who logs in to pull: so it takes no right beyond those of the
 * puller's policy. The token that comes with the answer is let go.
 */
export async function findRegistry(region: string, { accountId }: Options): Promise<Registry> {
  if (accountId !== undefined) return registryOf(accountId, region);
  return registryAt((await ecrOf(region).logIn()).registryUrl, region);
}
