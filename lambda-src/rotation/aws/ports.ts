/** All ports on real AWS. This folder alone of the function imports the SDK. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Ports } from "../ports";
import { autoScalingPort } from "./auto-scaling";
import { type Clients, createClients } from "./clients";
import { instancesPort, launchTemplatesPort } from "./ec2";
import { snapshotsPort } from "./snapshots";
import { parametersPort } from "./ssm";

const CLOCK: Clock = { now: () => Date.now(), sleep: async (milliseconds) => void (await sleep(milliseconds)) };

/** Ports over clients of the region. */
export function awsPorts(region: string, clients: Clients = createClients(region), clock: Clock = CLOCK): Ports {
  return {
    region,
    ...clock,
    ...parametersPort(clients.ssm),
    ...snapshotsPort(clients.ec2),
    ...launchTemplatesPort(clients.ec2),
    ...instancesPort(clients.ec2),
    ...autoScalingPort(clients.autoScaling),
  };
}
