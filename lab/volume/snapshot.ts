import { join } from "node:path";
import { inRun, type LabRun } from "../run/run";
import { blockBytes, blocksChanged, blocksOf, extentsOf } from "./block-map";

/** An EBS snapshot: a file of the store that shares its blocks with the volume it was taken of, and with its predecessors. */
export interface Snapshot {
  /** `snap-` and 17 hexadecimal digits. */
  readonly id: string;
  readonly volumeSizeGib: number;
  readonly file: string;
  /**
   * The blocks of 512 KiB that were ever written, up to here. EBS knows no discard: a block once written is never given back, even if the file system
   * discards it. A loop device does discard; so what the predecessor held still counts.
   */
  readonly blocks: ReadonlySet<number>;
  /** All of these in bytes: EC2's FullSnapshotSizeInBytes. */
  readonly fullBytes: number;
  /** The blocks written since the predecessor; all of them if there is none. */
  readonly incrementBytes: number;
}

/** Source of a snapshot: a volume, or a snapshot that is copied. */
export interface SnapshotSource {
  /** The file itself, as the run sees it. */
  readonly dataFile: string;
  readonly sizeGib: number;
  /** Snapshot that the increment is counted from. */
  readonly predecessor?: Snapshot;
}

/** Takes a snapshot of this very moment: what has reached the device and no more. It takes milliseconds, and nothing has to stop. */
export async function takeSnapshot(run: LabRun, id: string, source: SnapshotSource): Promise<Snapshot> {
  const file = join(run.store, "snapshots", id);
  await inRun(run, ["cp", "--reflink=always", source.dataFile, file]);
  const extents = await extentsOf(run, file);
  const blocks = new Set([...(source.predecessor?.blocks ?? []), ...blocksOf(extents)]);
  const written = source.predecessor ? blocksChanged(await extentsOf(run, source.predecessor.file), extents) : blocks;
  const sizes = { fullBytes: blocks.size * blockBytes, incrementBytes: written.size * blockBytes };
  return { id, volumeSizeGib: source.sizeGib, file, blocks, ...sizes };
}

/** Copies a snapshot, to another region say; its increment is counted from the copy before. */
export function copySnapshot(run: LabRun, id: string, original: Snapshot, previousCopy?: Snapshot): Promise<Snapshot> {
  return takeSnapshot(run, id, { dataFile: original.file, sizeGib: original.volumeSizeGib, predecessor: previousCopy });
}

/** Deletes a snapshot. Volumes made from it, and other snapshots, keep what they share with it. */
export async function deleteSnapshot(run: LabRun, snapshot: Snapshot): Promise<void> {
  await inRun(run, ["rm", snapshot.file]);
}
