/**
 * A small EC2 on one machine: the emulated AWS, whose instances boot and whose volumes hold what was written. Calls reach it as they reach AWS:
 * Terraform and the functions over HTTP, machines by the names of AWS's endpoints, over TLS.
 */
import type { EmulatedAws } from "../aws/start";
import { type Lab, startLab, stopLab } from "../machine/lab";
import { startEndpoints } from "../machine/lab-endpoints";
import type { Machine } from "../machine/machine";
import type { LabRegistry } from "../registry/lab-registry";
import type { Loading } from "../volume/lazy-loading";
import type { Snapshot } from "../volume/snapshot";
import type { Volume } from "../volume/volume";
import { followInstances } from "./instances";
import { followVolumes } from "./volumes";

export interface CloudOptions {
  /** Image of the lab (see lab/setup) by AMI id. */
  readonly images?: Readonly<Record<string, string>>;
  /** For every other AMI. @default "trixie-aws" */
  readonly image?: string;
  /** How volumes load what their snapshot holds. @default - all of it is there at once */
  readonly loading?: Loading;
  /** What each machine can receive. @default - unlimited */
  readonly networkMbitPerSecond?: number;
  /** Regions whose endpoints machines reach. */
  readonly regions: readonly string[];
}

/** The cloud: API objects and what stands behind them, by id. */
export interface Cloud {
  readonly aws: EmulatedAws;
  readonly lab: Lab;
  readonly options: CloudOptions;
  /** May be changed: it counts for volumes made from now on. */
  loading: Loading | undefined;
  /** What machines boot whose AMI has no image of its own. May be changed: it counts for machines made from now on. */
  image: string;
  readonly machines: Map<string, Machine>;
  readonly volumes: Map<string, Volume>;
  readonly snapshots: Map<string, Snapshot>;
  registry?: LabRegistry;
  /** What went wrong behind the API, which no caller heard of. */
  readonly faults: Error[];
}

/** Starts a lab behind an emulated AWS. It ends with `stopCloud`, or when this process ends. */
export async function startCloud(aws: EmulatedAws, options: CloudOptions): Promise<Cloud> {
  const lab = await startLab();
  const cloud: Cloud = {
    aws,
    lab,
    options,
    loading: options.loading,
    image: options.image ?? "trixie-aws",
    machines: new Map(),
    volumes: new Map(),
    snapshots: new Map(),
    faults: [],
  };
  try {
    await startEndpoints(lab.run, { url: aws.endpointUrl, regions: options.regions });
    followVolumes(cloud);
    followInstances(cloud);
    return cloud;
  } catch (error) {
    await stopLab(lab);
    throw error;
  }
}

/** Ends the lab and all its machines. The emulated AWS is its starter's to stop. */
export async function stopCloud(cloud: Cloud): Promise<void> {
  await cloud.registry?.stop();
  await stopLab(cloud.lab);
}
