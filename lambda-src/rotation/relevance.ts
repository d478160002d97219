/**
 * Events cannot be filtered by tag. So without a router every snapshot of the region wakes every rotation function. One look at
 * the snapshot saves the run (a dozen calls) if it is somebody else's.
 */
import type { RotationSettings } from "../../lib/contract";
import type { Wake } from "./event";
import { isOurs } from "./ownership";
import type { Ports } from "./ports";

/** False only if the event is for certain about somebody else's snapshot. One that is not found (yet) is worth a run. */
export async function concernsUs(wake: Wake, ports: Ports, settings: RotationSettings): Promise<boolean> {
  if (wake.kind !== "snapshots") return true;
  const snapshots = await Promise.all(wake.snapshotIds.map((id) => ports.getSnapshot(id)));
  return snapshots.some((snapshot) => snapshot === null || isOurs(snapshot.tags, settings));
}
