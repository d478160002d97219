/** Whether a cache is deployed in a region, with or without an entry of the configuration file. */
import type { Ports } from "../lambda-src/rotation/ports";
import { type Architecture, POINTER_NONE, parameterPaths } from "../lib/contract";

/** A cache that is deployed in a region: its pointer or its rotation function is there. */
export interface Deployed {
  /** The pointer's value: a snapshot id or `none`. null: its function is there without a pointer. */
  readonly serves: string | null;
}

/** True if the region has the rotation function of the cache. */
export type FunctionLookup = (region: string, name: string, architecture: Architecture) => Promise<boolean>;

/** Returns what is deployed of the cache in the ports' region, or null if neither pointer nor function is there. */
export async function findDeployed(
  ports: Ports,
  name: string,
  architecture: Architecture,
  hasFunction: FunctionLookup,
): Promise<Deployed | null> {
  const { pointer } = parameterPaths(name, architecture);
  const [parameters, runs] = await Promise.all([
    ports.getParameters([pointer]),
    hasFunction(ports.region, name, architecture),
  ]);
  const serves = parameters.get(pointer)?.value ?? null;
  return serves === null && !runs ? null : { serves };
}

/** What workers get, in words: `serves snap-1`. */
export function describeServing({ serves }: Deployed): string {
  if (serves === null) return "has a rotation function without a pointer";
  return serves === POINTER_NONE ? "serves no snapshot" : `serves ${serves}`;
}
