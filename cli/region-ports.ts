/** Ports to the regions, as commands use them: clients are made once a region, and all of them together make a few calls at a time. */
import { createClients } from "../lambda-src/rotation/aws/clients";
import { awsPorts } from "../lambda-src/rotation/aws/ports";
import type { Ports } from "../lambda-src/rotation/ports";
import { createLimit, limitClients } from "./limit";
import { sharedReads } from "./shared-reads";

export type PortsOf = (region: string) => Ports;

/** Calls at a time, over all regions. */
export const CALLS_AT_ONCE = 8;

/** The turn of every call that a command makes. */
export const limit = createLimit(CALLS_AT_ONCE);

/** Makes something for a region once. */
export function onceEach<Made>(make: (region: string) => Made): (region: string) => Made {
  const made = new Map<string, Made>();
  return (region) => {
    const known = made.get(region) ?? make(region);
    made.set(region, known);
    return known;
  };
}

/** For what changes something, and looks again. */
export const portsOf: PortsOf = onceEach((region) => awsPorts(region, limitClients(createClients(region), limit)));

/** For one look at many cells: their reads are shared from now on. */
export function look(from: PortsOf = portsOf): PortsOf {
  return onceEach((region) => sharedReads(from(region)));
}
