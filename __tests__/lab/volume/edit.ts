import { inRun, type LabRun } from "../../../lab/run/run";
import type { Volume } from "../../../lab/volume/volume";

const EDIT = `
folder=$1.edit
mkdir "$folder"
options=loop
[[ $(blkid --probe --output value --match-tag TYPE "$1") != xfs ]] || options+=,nouuid
mount --options "$options" "$1" "$folder"
(cd "$folder"; bash -o errexit -o nounset -o pipefail -c "$2")
umount "$folder"
rmdir "$folder"`;

/** Changes what is on a volume: mounts it and runs a bash script in its root folder. It must hold a file system, and not be attached. */
export async function editVolume(run: LabRun, volume: Volume, script: string): Promise<void> {
  await inRun(run, [
    "bash",
    "-o",
    "errexit",
    "-o",
    "nounset",
    "-o",
    "pipefail",
    "-c",
    EDIT,
    "edit",
    volume.dataFile,
    script,
  ]);
}
