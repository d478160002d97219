import { readFileSync } from "node:fs";
import { join } from "node:path";
import { endProcess, type LabProcess, startInRun } from "../run/process";
import { inRun, type LabRun } from "../run/run";

/** Loading of a volume made from a snapshot. */
export interface Loading {
  /** Milliseconds that the first touch of a block of 512 KiB takes. Parallel touches wait in parallel. */
  readonly firstTouchMs: number;
  /** What all first touches together get. Default: no limit. */
  readonly firstTouchMibPerSecond?: number;
  /** Volume initialization rate: blocks also load in the background, in order. Default: they do not. */
  readonly rateMibPerSecond?: number;
}

/** gp3 as published: 100 ms for a first touch, and 140 MB/s (133 MiB/s) for all of them together, whatever throughput is provisioned. */
export const GP3_AS_PUBLISHED: Loading = { firstTouchMs: 100, firstTouchMibPerSecond: 133 };

/** A volume that is loaded lazily, while it is served. */
export interface LazyLoader {
  /** Stands for the volume: lazy-blocks.py serves it. */
  readonly file: string;
  readonly directory: string;
  readonly server: LabProcess;
}

/** Progress of a lazily loaded volume. */
export interface LoadingProgress {
  /** Blocks of 512 KiB that the snapshot holds. */
  readonly blocks: number;
  readonly loaded: number;
  /** Of these, loaded because someone read or wrote them. */
  readonly touched: number;
}

/** Puts a lazy loader in front of a volume's data. See lazy-blocks.py. */
export async function startLoader(run: LabRun, name: string, dataFile: string, loading: Loading): Promise<LazyLoader> {
  const directory = join(run.directory, "lazy", name);
  const file = join(directory, "volume");
  await inRun(run, ["mkdir", "--parents", directory]);
  await inRun(run, ["touch", file]);
  const parameters = [
    `at=${file}`,
    `file=${dataFile}`,
    `report=${join(directory, "report.json")}`,
    `first_touch_ms=${loading.firstTouchMs}`,
    ...(loading.firstTouchMibPerSecond === undefined ? [] : [`first_touch_mib=${loading.firstTouchMibPerSecond}`]),
    ...(loading.rateMibPerSecond === undefined ? [] : [`rate_mib=${loading.rateMibPerSecond}`]),
  ];
  // -B: nothing is written beside the scripts.
  const command = ["python3", "-B", join(__dirname, "lazy-blocks.py"), ...parameters];
  const server = await startInRun(run, command, { readyLine: /^ready$/ });
  return { file, directory, server };
}

/** Reads a loader's progress. */
export function progressOf(loader: LazyLoader): LoadingProgress {
  return JSON.parse(readFileSync(join(loader.directory, "report.json"), "utf8"));
}

/** Takes the loader away. The volume must not be attached. */
export async function stopLoader(run: LabRun, loader: LazyLoader): Promise<void> {
  await inRun(run, ["umount", "--lazy", loader.file]);
  await endProcess(loader.server);
}
