/** The cloud as its parts see it: what it is made with, and what stands behind its API. */
import type { EmulatedAws } from "../aws/server/start";
import type { Lab } from "../machine/lab";
import type { Machine } from "../machine/machine";
import type { LabRegistry } from "../registry/lab-registry";
import type { Loading } from "../volume/lazy-loading";
import type { Snapshot } from "../volume/snapshot";
import type { Volume } from "../volume/volume";

export interface CloudOptions {
  /** Image of the lab (see lab/setup) by AMI id. */
  readonly images?: Readonly<Record<string, string>>;
  /** For every other AMI. @default "trixie-aws" */
  readonly image?: string;
  /** Loading of volumes from their snapshot. @default - all of it is there at once */
  readonly loading?: Loading;
  /** Limit to what each machine can receive. @default - unlimited */
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
  /** Image of machines whose AMI has none of its own. May be changed: it counts for machines made from now on. */
  image: string;
  readonly machines: Map<string, Machine>;
  readonly volumes: Map<string, Volume>;
  readonly snapshots: Map<string, Snapshot>;
  registry?: LabRegistry;
  /** Errors behind the API, which no caller heard of. */
  readonly faults: Error[];
}
