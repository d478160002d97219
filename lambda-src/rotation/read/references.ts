/** References for which a snapshot must stay. */
import type { Ports, TemplateVersion } from "../ports";
import type { Reference, TemplateData, TemplateVersionId } from "../types";

function snapshotsIn(data: TemplateData): string[] {
  return (data.BlockDeviceMappings ?? []).flatMap((one) => (one.Ebs?.SnapshotId ? [one.Ebs.SnapshotId] : []));
}

/** Snapshots that versions of launch templates name. */
export function versionReferences(versions: readonly TemplateVersion[]): Reference[] {
  return versions.flatMap(({ templateId, version, data }) =>
    snapshotsIn(data).map((snapshotId) => ({
      snapshotId,
      by: `launch template ${templateId} version ${version}`,
      version: { templateId, version },
    })),
  );
}

/** Versions that groups name by number, and those of them that are neither `$Latest` nor `$Default`. */
export async function readPinned(ports: Ports, current: readonly TemplateVersion[]) {
  const named = (await ports.listAutoScalingVersions()).filter((one) => /^\d+$/.test(one.version));
  const distinct = new Map(named.map((one) => [`${one.templateId} ${one.version}`, one]));
  const pinned = [...distinct.values()].map(
    ({ templateId, version }): TemplateVersionId => ({ templateId, version: Number(version) }),
  );
  const unread = pinned.filter(
    (pin) => !current.some((one) => one.templateId === pin.templateId && one.version === pin.version),
  );
  const templates = [...new Set(unread.map((pin) => pin.templateId))];
  // All versions of these templates: naming one that somebody deleted would fail the call.
  const read = (await Promise.all(templates.map((id) => ports.listVersions(id)))).flat();
  const versions = read.filter((one) =>
    unread.some((pin) => pin.templateId === one.templateId && pin.version === one.version),
  );
  return { pinned, versions };
}

/** AMIs that need these snapshots, or any. */
export async function readImages(ports: Ports, snapshotIds?: readonly string[]): Promise<Reference[]> {
  const images = await ports.listImages(snapshotIds ? { "block-device-mapping.snapshot-id": snapshotIds } : {});
  return images.flatMap((image) => image.snapshotIds.map((snapshotId) => ({ snapshotId, by: `AMI ${image.imageId}` })));
}

/**
 * Reads volumes that are being made. Each is so for a moment only, so this is asked if something is about to be deleted, and not
 * before.
 */
export async function readCreations(ports: Ports): Promise<Reference[]> {
  const creating = await ports.listVolumes({ status: ["creating"] });
  return creating.map(({ snapshotId, id }) => ({ snapshotId, by: `volume ${id} in creation` }));
}

export async function readLocks(ports: Ports): Promise<Reference[]> {
  return (await ports.listLocks()).map((snapshotId) => ({ snapshotId, by: "a snapshot lock" }));
}

/** One call each, so only for those about to be deleted. */
export async function readShares(ports: Ports, snapshotIds: readonly string[]): Promise<Reference[]> {
  const shared = await Promise.all(snapshotIds.map((id) => ports.isShared(id)));
  return snapshotIds
    .filter((_, index) => shared[index])
    .map((snapshotId) => ({ snapshotId, by: "a share with another account" }));
}
