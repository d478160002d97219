import { join } from "node:path";
import { inRun, type LabRun, labDirectory } from "../machine/lab-run";

/** An EBS volume: a sparse file in the run's store. */
export interface Volume {
  /** `vol-` and 17 hexadecimal digits. */
  readonly id: string;
  readonly sizeGib: number;
  /** The backing file, as the run sees it. */
  readonly file: string;
}

/** Makes a blank volume. */
export async function createVolume(
  run: LabRun,
  spec: { readonly id: string; readonly sizeGib: number },
): Promise<Volume> {
  const file = join(run.store, "volumes", spec.id);
  await inRun(run, ["truncate", `--size=${spec.sizeGib}G`, file]);
  return { ...spec, file };
}

/** Makes the root volume of a machine from a cached image, such as `trixie-aws` (see lab/setup). The first use of an image in a run copies it, about 1 s. */
export async function createRootVolume(
  run: LabRun,
  spec: { readonly id: string; readonly image: string },
): Promise<Volume> {
  const file = join(run.store, "volumes", spec.id);
  const cached = join(labDirectory, "images", `${spec.image}.img`);
  const own = join(run.store, "images", `${spec.image}.img`);
  const script = `
    [[ -e $1 ]] || { echo "no image $1: run lab/setup" >&2; exit 1; }
    exec 9>"$2.lock"; flock 9
    [[ -e $2 ]] || { cp --sparse=always "$1" "$2.new" && mv "$2.new" "$2"; }
    cp --reflink=always "$2" "$3"
    stat --format=%s "$3"`;
  const bytes = await inRun(run, ["bash", "-o", "errexit", "-c", script, "root-volume", cached, own, file]);
  return { id: spec.id, sizeGib: Number(bytes) / 1024 ** 3, file };
}

/** Deletes a volume, which must not be attached. */
export async function deleteVolume(run: LabRun, volume: Volume): Promise<void> {
  await inRun(run, ["rm", volume.file]);
}
