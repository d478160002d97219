/** Faults that a person can cause by hand. */
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { parameterPaths } from "../../lib/contract";
import type { Delivery } from "../aws/services/event-bridge";
import { volumeOf } from "../cloud/volumes";
import { cutPower } from "../machine/machine-power";
import { clients, pointers } from "../product/api-loop";
import type { RegistryFault } from "../registry/registry-faults";
import { type Damage, damageVolume } from "../volume/damage";
import { machineOf, REGIONS, type World } from "./world";

const REGISTRY_FAULTS: Readonly<Record<string, RegistryFault>> = {
  refuse: { kind: "hang-up" },
  stall: { kind: "stall" },
  truncate: { kind: "truncate", afterBytes: 1000 },
  busy: { kind: "status", status: 429 },
};

const DELIVERIES: Readonly<Record<string, Delivery>> = { lost: "lost", twice: "twice", backwards: "backwards" };

const DAMAGES: Readonly<Record<string, Damage>> = {
  blank: { kind: "blank" },
  half: { kind: "half" },
  superblock: { kind: "superblock" },
};

function oneOf<Value>(values: Readonly<Record<string, Value>>, name: string): Value {
  const value = values[name];
  if (value === undefined) throw new Error(`expected ${Object.keys(values).join(", ")}; found ${name || "nothing"}`);
  return value;
}

/** Cuts a machine's power: its instance is shown as running until somebody terminates it. */
export async function breakPower(world: World, id?: string): Promise<string> {
  const machine = machineOf(world, id);
  await cutPower(machine);
  return `${machine.spec.id} has lost its power; its instance still counts as running`;
}

/** Damages the cache volume, between builds. */
export async function breakVolume({ deployed }: World, how: string): Promise<string> {
  const damage = oneOf(DAMAGES, how);
  const [region] = REGIONS;
  const Name = parameterPaths("ci", "x86_64").volumeId;
  const { Parameter } = await clients(deployed.loop, region).ssm.send(new GetParameterCommand({ Name }));
  const volume = await volumeOf(deployed.cloud, region, Parameter?.Value ?? "");
  damageVolume(deployed.cloud.lab.run, volume, damage);
  return `${volume.id} is damaged (${how})`;
}

/** Deletes what is promoted, as a person would by mistake. */
export async function breakSnapshot({ deployed }: World, region: string = REGIONS[0]): Promise<string> {
  const promoted = (await pointers(deployed.loop)).find((pointer) => pointer.region === region);
  if (!promoted?.snapshotId.startsWith("snap-")) throw new Error(`nothing is promoted in ${region}`);
  const SnapshotId = promoted.snapshotId;
  await deployed.aws.aws.call({ service: "ec2", action: "DeleteSnapshot", region }, { SnapshotId });
  return `${SnapshotId} is deleted; the pointer and the launch templates still name it until \`rotate\``;
}

/** Sets the delivery of events to the functions from now on; `mend` ends it. */
export function breakEvents(world: World, how: string): string {
  world.delivery = how === "mend" ? "in order" : oneOf(DELIVERIES, how);
  return how === "mend" ? "events come once, in order" : `events: ${world.delivery}`;
}

/** Sets the registry's fault from now on; `mend` ends it. */
export function breakRegistry(world: World, how: string): string {
  world.fault = how === "mend" ? undefined : oneOf(REGISTRY_FAULTS, how);
  return how === "mend" ? "the registry answers" : `the registry will ${how}`;
}
