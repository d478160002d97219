/**
 * Events cannot be filtered by tag. So every snapshot and every builder-or-worker that ends in the region wakes every rotation
 * function. One look at the resource saves the run (a dozen calls) if it is somebody else's.
 */
import { ROLES, type RotationSettings } from "../../lib/contract";
import type { Wake } from "./event";
import { isOurs } from "./ownership";
import type { Ports } from "./ports";

/** False only if the event is for certain about somebody else's resource. A resource that is not found (yet) is worth a run. */
export async function concernsUs(wake: Wake, ports: Ports, settings: RotationSettings): Promise<boolean> {
  if (wake.kind === "instance") {
    const instance = await ports.getInstance(wake.instanceId);
    return instance === null || isOurs(instance.tags, settings, ROLES.builder);
  }
  if (wake.kind === "snapshots") {
    const snapshots = await Promise.all(wake.snapshotIds.map((id) => ports.getSnapshot(id)));
    return snapshots.some((snapshot) => snapshot === null || isOurs(snapshot.tags, settings));
  }
  return true;
}
