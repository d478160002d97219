import { inRun, type LabRun } from "../run/run";

/** EBS counts snapshots in blocks of this many bytes. */
export const blockBytes = 512 * 1024;

/** A run of a file's blocks that lie together, in bytes. */
export interface Extent {
  readonly logical: number;
  readonly physical: number;
  readonly length: number;
}

/** Places of a file's parts on the store, in order; parts that were never written are in none. */
export async function extentsOf(run: LabRun, file: string): Promise<Extent[]> {
  return parseExtents(await inRun(run, ["filefrag", "-v", "-b1024", file]));
}

/** Reads the table that `filefrag -v -b1024` prints. */
export function parseExtents(table: string): Extent[] {
  const rows = table.matchAll(/^ *\d+: +(\d+)\.\. *\d+: +(\d+)\.\. *\d+: +(\d+):/gm);
  return [...rows].map(([, logical, physical, length]) => ({
    logical: Number(logical) * 1024,
    physical: Number(physical) * 1024,
    length: Number(length) * 1024,
  }));
}

/** The blocks that hold anything. */
export function blocksOf(extents: readonly Extent[]): Set<number> {
  const blocks = new Set<number>();
  for (const { logical, length } of extents) addBlocks(blocks, logical, logical + length);
  return blocks;
}

/**
 * The blocks of `newer` that were written since it shared all its blocks with `older`: those that do not lie at the same place. As with EBS, a block
 * counts when it was written, even with the same bytes.
 */
export function blocksChanged(older: readonly Extent[], newer: readonly Extent[]): Set<number> {
  const blocks = new Set<number>();
  let next = 0;
  for (const { logical, physical, length } of newer) {
    let position = logical;
    const end = logical + length;
    while (next > 0 && older[next - 1]!.logical + older[next - 1]!.length > logical) next--;
    for (; next < older.length && older[next]!.logical < end; next++) {
      const old = older[next]!;
      const oldEnd = old.logical + old.length;
      if (oldEnd <= position || old.physical - old.logical !== physical - logical) continue;
      if (old.logical > position) addBlocks(blocks, position, old.logical);
      position = Math.min(oldEnd, end);
    }
    if (position < end) addBlocks(blocks, position, end);
  }
  return blocks;
}

function addBlocks(blocks: Set<number>, from: number, to: number): void {
  for (let block = Math.floor(from / blockBytes); block * blockBytes < to; block++) blocks.add(block);
}
