/** All ports on real AWS. This file and its parts (aws-*.ts) alone import the SDK. */
import { setTimeout as sleep } from "node:timers/promises";
import { autoScalingPort } from "./aws-auto-scaling";
import { type Clients, createClients } from "./aws-clients";
import { instancesPort, launchTemplatesPort } from "./aws-ec2";
import { snapshotsPort } from "./aws-snapshots";
import { parametersPort } from "./aws-ssm";
import type { Clock, Ports } from "./ports";

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
