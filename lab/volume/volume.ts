import { join } from "node:path";
import { inRun, type LabRun, labDirectory } from "../run/run";
import { type LazyLoader, type Loading, startLoader, stopLoader } from "./lazy-loading";
import { type Snapshot, takeSnapshot } from "./snapshot";

/** An EBS volume: a sparse file in the run's store. */
export interface Volume {
  /** `vol-` and 17 hexadecimal digits. */
  readonly id: string;
  readonly sizeGib: number;
  /** Its bytes, as the run sees them. */
  readonly dataFile: string;
  /** While blocks still come from a snapshot one by one. */
  loader?: LazyLoader;
  /** The latest snapshot of it, or the one it was made from: what the next increment is counted from. */
  predecessor?: Snapshot;
}

/** Specification of a volume. */
export interface VolumeSpec {
  readonly id: string;
  /** Default: the snapshot's. Never less than that. */
  readonly sizeGib?: number;
  /** Default: none, the volume is empty. */
  readonly snapshot?: Snapshot;
  /** Loading from the snapshot. Default: it is all there at once, as with fast snapshot restore. */
  readonly loading?: Loading;
}

/** Makes a volume, empty or from a snapshot. */
export async function createVolume(run: LabRun, spec: VolumeSpec): Promise<Volume> {
  const sizeGib = spec.sizeGib ?? spec.snapshot?.volumeSizeGib;
  if (sizeGib === undefined || sizeGib < (spec.snapshot?.volumeSizeGib ?? 0)) {
    throw new Error(
      `${spec.id}: expected a size of at least ${spec.snapshot?.volumeSizeGib ?? 1} GiB, found ${sizeGib}`,
    );
  }
  const dataFile = join(run.store, "volumes", spec.id);
  if (spec.snapshot) await inRun(run, ["cp", "--reflink=always", spec.snapshot.file, dataFile]);
  await inRun(run, ["truncate", `--size=${sizeGib}G`, dataFile]);
  const loader = spec.snapshot && spec.loading ? await startLoader(run, spec.id, dataFile, spec.loading) : undefined;
  return { id: spec.id, sizeGib, dataFile, loader, predecessor: spec.snapshot };
}

/**
 * Makes the root volume of a machine from a cached image, such as `trixie-aws` (see lab/setup). The first use of an image in a run copies it, about
 * 1 s; the others take milliseconds.
 */
export async function createRootVolume(
  run: LabRun,
  spec: { readonly id: string; readonly image: string },
): Promise<Volume> {
  const dataFile = join(run.store, "volumes", spec.id);
  const cached = join(labDirectory, "images", `${spec.image}.img`);
  const own = join(run.store, "images", `${spec.image}.img`);
  const script = `
    [[ -e $1 ]] || { echo "no image $1: run lab/setup" >&2; exit 1; }
    exec 9>"$2.lock"; flock 9
    [[ -e $2 ]] || { cp --sparse=always "$1" "$2.new"; mv "$2.new" "$2"; }
    cp --reflink=always "$2" "$3"
    stat --format=%s "$3"`;
  const bytes = await inRun(run, ["bash", "-o", "errexit", "-c", script, "root-volume", cached, own, dataFile]);
  return { id: spec.id, sizeGib: Number(bytes) / 1024 ** 3, dataFile };
}

/** The file that is attached: the data itself, or what loads it. */
export function fileToAttach(volume: Volume): string {
  return volume.loader?.file ?? volume.dataFile;
}

/** Takes a snapshot of this very moment, attached or not. */
export async function snapshotVolume(run: LabRun, volume: Volume, id: string): Promise<Snapshot> {
  const snapshot = await takeSnapshot(run, id, volume);
  volume.predecessor = snapshot;
  return snapshot;
}

/** Deletes a volume, which must not be attached. */
export async function deleteVolume(run: LabRun, volume: Volume): Promise<void> {
  if (volume.loader) await stopLoader(run, volume.loader);
  volume.loader = undefined;
  await inRun(run, ["rm", volume.dataFile]);
}
