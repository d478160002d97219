/** The shape of bench/results/lab.json. Times are seconds. Workers keep every turn, so that what is compared can be compared turn by turn. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const RESULTS_FILE = "bench/results/lab.json";

/** Machine and time of a measurement. */
export interface Circumstances {
  readonly date: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly docker: string;
  readonly repetitions: number;
  /** Load average of the machine before anything was started: what else was at work. */
  readonly load: number;
}

/**
 * What a worker's first `docker run` finds: no cache and 1 Gbit/s; a volume that is loaded already; one that loads on touch, in 15 ms a block or as
 * gp3 is published, with nothing read ahead (`none`), with the hot set (`hot`), or with all of it, the hot set first, at the default rate (`all`).
 */
export type VolumeKind = "cold-1g" | "loaded" | `${"15ms" | "gp3"}-${"none" | "hot" | "all"}`;

/** What it runs: the image's own command, under which the hot set was traced; another command of the image; one that reads every file. */
export const COMMANDS = ["traced", "other", "all"] as const;
export type CommandKind = (typeof COMMANDS)[number];

export type WorkerKind = `${VolumeKind}/${CommandKind}`;

/** One worker of a kind. */
export interface WorkerTurn {
  /** Workers of one number were measured one after the other. */
  readonly turn: number;
  /** From the start of the machine until Docker is active: on the cache, if there is one. */
  readonly docker: number;
  /** From the start of the machine to the first line of the consumer's script. */
  readonly script: number;
  /** From the start of the machine to the end of its first `docker run`. */
  readonly boot: number;
  /** That `docker run` alone, with its pull. */
  readonly run: number;
  /** From the mount of the cache volume to the end of the run. */
  readonly sinceMount?: number;
  /** Bytes in the hot set. */
  readonly hotBytes?: number;
  /** Bytes that had come from the snapshot when the run began, and when it ended. */
  readonly loadedBefore?: number;
  readonly loadedBytes?: number;
}

export interface WorkerResults extends Circumstances {
  /** Bytes of the snapshot. */
  readonly cachedBytes: number;
  readonly kinds: Readonly<Partial<Record<WorkerKind, readonly WorkerTurn[]>>>;
  /** Kinds and turns that could not be measured, with the reason. */
  readonly failed: readonly string[];
}

export interface BuildFigures {
  /** From the launch until the instance is gone. */
  readonly seconds: number;
  readonly steps: Readonly<Record<string, number>>;
  /** From the launch to the builder's first step, and from the end of its last until it is gone. */
  readonly bootSeconds?: number;
  readonly shutdownSeconds?: number;
  /** Of the snapshot; none if there is no snapshot. */
  readonly incrementBytes?: number;
}

/** Medians. */
export interface BuildResults extends Circumstances {
  readonly images: number;
  /** The same images, one `docker pull` after the other. */
  readonly oneByOneSeconds: number;
  /** Bytes that the files of all layers take on a disk. */
  readonly fileBytes?: number;
  readonly full: BuildFigures;
  readonly unchanged: BuildFigures;
  /** One small image replaced, and the largest. */
  readonly smallChange: BuildFigures & { readonly changedBytes: number };
  readonly largeChange: BuildFigures & { readonly changedBytes: number };
}

/** How a job comes by its image: it builds and pushes it; it pulls it from ECR; it has it on disk. */
export type ImageWay = "miss" | "registry" | "disk";

/** One job. */
export interface ImageTurn {
  /** Jobs of one number ran one after the other, for the same image. */
  readonly turn: number;
  /** For which the plugin's hook ran. */
  readonly seconds: number;
  /** To AWS's APIs and ECR's registry. */
  readonly requests: number;
}

export interface ImageResults extends Circumstances {
  readonly ways: Readonly<Record<ImageWay, readonly ImageTurn[]>>;
}

/** Where layers are kept. */
export const BACKENDS = ["s3", "ecr"] as const;
export type Backend = (typeof BACKENDS)[number];

/**
 * A build of an application: without any cache (`plain`); with an empty one, which it fills; of the same content on a fresh machine; and on a fresh
 * machine with one late file changed.
 */
export const LAYER_WAYS = ["first", "second", "late"] as const;
export type LayerWay = "plain" | `${Backend}-${(typeof LAYER_WAYS)[number]}`;

/** One build. */
export interface LayerTurn {
  /** Builds of one number ran one after the other, of the same content. */
  readonly turn: number;
  /** For which the script ran. */
  readonly seconds: number;
}

export interface LayerResults extends Circumstances {
  readonly ways: Readonly<Record<LayerWay, readonly LayerTurn[]>>;
}

/** A part is missing as long as it has not been measured. */
export interface Results {
  readonly workers?: WorkerResults;
  readonly builds?: BuildResults;
  readonly images?: ImageResults;
  readonly layers?: LayerResults;
}

export function readResults(root = process.cwd()): Results {
  return JSON.parse(readFileSync(join(root, RESULTS_FILE), "utf8")) as Results;
}
