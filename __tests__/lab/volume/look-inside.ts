/** Looks into a snapshot as a strict reader does: nothing is replayed, repaired or written. */
import { basename, join } from "node:path";
import { inRun, type LabRun, pathFromHost } from "../../../lab/run/run";
import type { Snapshot } from "../../../lab/volume/snapshot";

const shell = (run: LabRun, script: string, ...words: string[]) =>
  inRun(run, ["bash", "-o", "errexit", "-o", "nounset", "-o", "pipefail", "-c", script, "look", ...words]);

/** The read-only check of its file system, then whether it was unmounted: xfs_repair looks past a log that is not empty. */
const CHECK = `
kind=$(blkid --probe --output value --match-tag TYPE "$1")
case $kind in
  xfs)
    xfs_repair -n -f "$1" &>"$2" || { echo "xfs_repair -n:"; tail -n 20 "$2"; }
    xfs_logprint -t "$1" | grep --quiet "state: <CLEAN>" || echo "the log of the xfs is not empty: it was not unmounted" ;;
  ext4)
    e2fsck -f -n "$1" &>"$2" || { echo "e2fsck -f -n:"; tail -n 20 "$2"; }
    dumpe2fs -h "$1" 2>&1 | grep --quiet "^Filesystem state: *clean$" || echo "the ext4 is not clean"
    ! dumpe2fs -h "$1" 2>&1 | grep --quiet needs_recovery || echo "the journal of the ext4 is not empty: it was not unmounted" ;;
  *) echo "no file system of ours: \${kind:-none}" ;;
esac
rm --force "$2"`;

/** Returns the problems of its file system. Empty if it is sound and was unmounted. */
export async function fileSystemProblems(run: LabRun, snapshot: Snapshot): Promise<string> {
  return (await shell(run, CHECK, snapshot.file, `${snapshot.file}.check`)).trim();
}

/** Mounts it read-only, without recovery, while `work` reads below the folder that it is given. */
export async function withMounted<T>(
  run: LabRun,
  snapshot: Snapshot,
  work: (folder: string) => T | Promise<T>,
): Promise<T> {
  const folder = join(run.store, `look-${basename(snapshot.file)}`);
  // A copy: the same file must not be mounted twice, and the loop device must not be the snapshot's own.
  await shell(
    run,
    `mkdir "$2"; cp --reflink=always "$1" "$2.img"
     options=norecovery,loop
     [[ $(blkid --probe --output value --match-tag TYPE "$1") != xfs ]] || options+=,nouuid
     mount --read-only --options "$options" "$2.img" "$2"`,
    snapshot.file,
    folder,
  );
  try {
    return await work(pathFromHost(run, folder));
  } finally {
    await shell(run, `umount "$1"; rmdir "$1"; rm "$1.img"`, folder);
  }
}

/** Returns those of these bytes that lie anywhere on it, in files or in blocks that no file has any more. */
export async function findBytes(run: LabRun, snapshot: Snapshot, needles: readonly string[]): Promise<string[]> {
  const patterns = needles.flatMap((needle) => ["-e", needle]);
  const script = `
    file=$1; shift
    found=$(LC_ALL=C grep --text --fixed-strings --only-matching "$@" "$file" || (($? == 1)))
    sort --unique <<<"$found"`;
  const found = (await shell(run, script, snapshot.file, ...patterns)).split("\n");
  return needles.filter((needle) => found.includes(needle));
}
