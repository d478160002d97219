/** World that a person drives by hand: the lab's configuration deployed, and a registry that can be told to misbehave. */
import type { Snapshot as ApiSnapshot } from "@aws-sdk/client-ec2";
import type { AwsEvent } from "../aws/hooks";
import type { Delivery } from "../aws/services/event-bridge";
import type { Machine } from "../machine/machine";
import { deliver, pointers, reconcile } from "../product/api-loop";
import { type Deployed, deploy } from "../product/deploy";
import type { Invocation } from "../product/function";
import { labConfig } from "../product/lab-config";
import type { RegistryFault } from "../registry/registry-faults";

export interface World {
  readonly deployed: Deployed;
  /** Fault of the registry at every request; undefined if it answers. */
  fault?: RegistryFault;
  /** Delivery of events to the functions. */
  delivery: Delivery;
}

/** The region that builds, and the one that copies. */
export const REGIONS = ["eu-west-1", "us-east-1"] as const;

export async function openWorld(): Promise<World> {
  const world: Partial<World> & Pick<World, "delivery"> = { delivery: "in order" };
  const deployed = await deploy({ config: labConfig(), faults: () => world.fault });
  return Object.assign(world, { deployed });
}

/** Delivers events to the deployed functions of their regions; what each function says. */
export async function tellFunctions({ deployed, delivery }: World, events: readonly AwsEvent[]): Promise<string[]> {
  const said: string[] = [];
  for (const region of REGIONS) {
    const own = events.filter((event) => event.region === region);
    const options = { delivery, known: deployed.functions.get(region) };
    said.push(...tell(region, await deliver(deployed.loop, own, options)));
  }
  return said;
}

const tell = (region: string, invocations: readonly Invocation[]) =>
  invocations.map(({ ok, result }) => `rotation in ${region}: ${ok ? "done" : `failed: ${result}`}`);

/** One run of a region's function, as its schedule makes it; what it says. */
export async function runRotation({ deployed }: World, region: string): Promise<string[]> {
  return tell(region, await reconcile(deployed.loop, region, deployed.functions.get(region)));
}

/** A machine by the beginning of its instance id; without one, the last that was launched. */
export function machineOf({ deployed }: World, id = ""): Machine {
  const found = [...deployed.cloud.machines.values()].filter(({ spec }) => spec.id.startsWith(id)).at(-1);
  if (!found)
    throw new Error(id ? `no machine ${id}: \`machines\` lists them` : "no machine: `worker` or `build` boots one");
  return found;
}

export interface ListedSnapshot {
  readonly region: string;
  readonly id: string;
  /** The API's, and the cache's own. */
  readonly state: string;
  readonly promoted: boolean;
  readonly fullBytes?: number;
  readonly incrementBytes?: number;
}

/** All snapshots, oldest first, with what stands behind them. */
export async function listSnapshots({ deployed }: World): Promise<ListedSnapshot[]> {
  const promoted = new Set((await pointers(deployed.loop)).map(({ snapshotId }) => snapshotId));
  const listed: ListedSnapshot[] = [];
  for (const region of REGIONS) {
    const target = { service: "ec2", action: "DescribeSnapshots", region };
    const answer = await deployed.aws.aws.call<{ Snapshots?: ApiSnapshot[] }>(target, { OwnerIds: ["self"] });
    const inOrder = (answer.Snapshots ?? []).sort((a, b) => Number(a.StartTime) - Number(b.StartTime));
    for (const { SnapshotId: id = "", State, Tags = [] } of inOrder) {
      const own = Tags.find(({ Key }) => Key === "docker-cache:state")?.Value ?? "-";
      const { fullBytes, incrementBytes } = deployed.cloud.snapshots.get(id) ?? {};
      listed.push({ region, id, state: `${State}/${own}`, promoted: promoted.has(id), fullBytes, incrementBytes });
    }
  }
  return listed;
}
