/**
 * Snapshots that take long to make and that several runs need: the first makes them, the others copy them. They lie beside the images, as
 * `snapshots/KEY.tar`. The key is a hash of all that they are made from, so one of something else is never found. `lab/clean`, which also ends every
 * run, removes those that nobody has copied for a day.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { startLeashed } from "../../../lab/run/leashed";
import { inRun, type LabRun, labDirectory } from "../../../lab/run/run";
import { type Snapshot, takeSnapshot } from "../../../lab/volume/snapshot";

/** How long a run waits for another one that makes snapshots. */
const TURN_SECONDS = 900;

/** Folder of all kept snapshots. */
export const keptFolder = join(labDirectory, "snapshots");

const fileOf = (key: string) => join(keptFolder, `${key}.tar`);
/** Name of the snapshot in its archive. */
const MEMBER = "snapshot";

/** Key of a snapshot: names and values of all that its bytes depend on, in any order. */
export function keyOf(parts: Readonly<Record<string, string | number>>): string {
  const sorted = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
}

/** Does something while nobody else does, in this process or another. A process that dies lets go. */
export async function takeTurns<Result>(work: () => Promise<Result>): Promise<Result> {
  mkdirSync(keptFolder, { recursive: true });
  const script = 'exec 9<"$1"; flock 9; echo "my turn"; exec sleep infinity';
  const options = { until: /^my turn$/, untilSeconds: TURN_SECONDS };
  const [, lock] = await startLeashed(["bash", "-o", "errexit", "-c", script, "take-turns", keptFolder], options);
  try {
    return await work();
  } finally {
    await lock.end();
  }
}

/** True if there is a snapshot of this key. Ask it in your turn (see {@link takeTurns}). */
export function isKept(key: string): boolean {
  return existsSync(fileOf(key));
}

/** Keeps a snapshot of a run for others. It appears whole and on the disk, or not at all. */
export async function keepSnapshot(run: LabRun, key: string, { file }: Snapshot): Promise<void> {
  // Unlike cp, tar tells zeros that were written from what was never written.
  const script = `
    tar --create --sparse --hole-detection=seek --file "$1.new" --directory "$2" --transform 's/.*/${MEMBER}/' "$3"
    sync "$1.new"
    mv "$1.new" "$1"`;
  await inRun(run, ["bash", "-o", "errexit", "-c", script, "keep", fileOf(key), dirname(file), basename(file)]);
}

/** Copies a kept snapshot into a run. Do it in the turn in which it was seen. */
export async function copyKept(run: LabRun, key: string, id: string): Promise<Snapshot> {
  const folder = join(run.store, "snapshots", `${id}.kept`);
  // Its time says when it was last of use.
  const script = `touch --no-create "$1"; mkdir "$2"; tar --extract --file "$1" --directory "$2"; stat --format=%s "$2/${MEMBER}"`;
  const bytes = await inRun(run, ["bash", "-o", "errexit", "-c", script, "copy", fileOf(key), folder]);
  const sizeGib = Number(bytes) / 1024 ** 3;
  const snapshot = await takeSnapshot(run, id, { dataFile: join(folder, MEMBER), sizeGib });
  await inRun(run, ["rm", "--recursive", folder]);
  return snapshot;
}
