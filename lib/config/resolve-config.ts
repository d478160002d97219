/** From a valid configuration to what is deployed, with every companion. */
import type { Deployment } from "./cell";
import type { Companion } from "./companion";
import { COMPANIONS } from "./companions/all";
import { resolveWith } from "./resolve/resolve";
import type { Config } from "./schema/schema";

/** Returns the deployment that a configuration without problems describes. The same configuration gives the same bytes. */
export function resolveConfig(config: Config, companions: readonly Companion[] = COMPANIONS): Deployment {
  return resolveWith(config, companions);
}
