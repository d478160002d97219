/** Deployments with layer caches, from configurations as people write them. */
import type { EmulatedAws } from "../../../lab/aws/server/start";
import type { Deployment } from "../../../lib/config/cell";
import { parseConfig } from "../../../lib/config/load";
import { resolveConfig } from "../../../lib/config/resolve-config";

export const REGION = "eu-west-1";
export const ACCOUNT = "123456789012";
export const STACK = `docker-cache-layer-cache-${REGION}`;

export interface Sections {
  readonly layer_cache: object;
  /** Of the region. @default - nothing */
  readonly region?: object;
  /** The whole file's. @default - none */
  readonly tags?: object;
}

/** A deployment of one region without a cache. @throws if the configuration is refused */
export function deploymentWith({ layer_cache, region = {}, tags = {} }: Sections): Deployment {
  // JSON is YAML.
  const parsed = parseConfig(JSON.stringify({ tags, regions: { [REGION]: region }, layer_cache }), "docker-cache.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolveConfig(parsed.config);
}

/** Calls the emulated AWS in the name of its account. */
export function asking({ aws }: EmulatedAws, region = REGION) {
  return <T>(service: string, action: string, input: object) => aws.call<T>({ service, action, region }, input);
}
