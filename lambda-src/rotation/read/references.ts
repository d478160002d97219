/**
 * References for which a snapshot must stay, and versions of templates that groups name. Most of it is other people's: it is read
 * only before something is removed, or for a person who looks.
 */
import { inParallel } from "../../../lib/in-parallel";
import { about, type Ports, type VersionSnapshots } from "../ports";
import type { Reference, TemplateData, TemplateVersionId } from "../types";

/** Calls at a time. */
const AT_ONCE = 4;

/** What is referred to, in what the region has. */
export interface References {
  readonly pinnedVersions: readonly TemplateVersionId[];
  readonly references: readonly Reference[];
}

function versionReferences(versions: readonly VersionSnapshots[]): Reference[] {
  return versions.flatMap(({ templateId, version, snapshotIds }) =>
    snapshotIds.map((snapshotId) => ({
      snapshotId,
      by: `launch template ${templateId} version ${version}`,
      version: { templateId, version },
    })),
  );
}

function snapshotsIn(data: TemplateData): string[] {
  return (data.BlockDeviceMappings ?? []).flatMap((one) => (one.Ebs?.SnapshotId ? [one.Ebs.SnapshotId] : []));
}

/** Versions of one template by number. Naming one that somebody deleted fails the call for all: then each is asked for alone. */
async function readVersions(
  ports: Ports,
  templateId: string,
  versions: readonly number[],
): Promise<VersionSnapshots[]> {
  const together = await ports.listVersions(templateId, versions);
  const found =
    together.length > 0 || versions.length === 1
      ? together
      : (await inParallel(versions, 1, (version) => ports.listVersions(templateId, [version]))).flat();
  return found.map(({ version, data }) => ({ templateId, version, snapshotIds: snapshotsIn(data) }));
}

/** Versions that groups name by number, and what those of them name that are neither `$Latest` nor `$Default`. */
async function readPinned(ports: Ports, current: readonly VersionSnapshots[]) {
  const named = (await ports.listAutoScalingVersions()).filter((one) => /^\d+$/.test(one.version));
  const distinct = new Map(named.map((one) => [`${one.templateId} ${one.version}`, one]));
  const pinned = [...distinct.values()].map(
    ({ templateId, version }): TemplateVersionId => ({ templateId, version: Number(version) }),
  );
  const known = new Set(current.map((one) => `${one.templateId} ${one.version}`));
  const unread = pinned.filter((one) => !known.has(`${one.templateId} ${one.version}`));
  const templates = [...new Set(unread.map((one) => one.templateId))];
  const versions = await inParallel(templates, AT_ONCE, (id) =>
    readVersions(
      ports,
      id,
      unread.filter((one) => one.templateId === id).map((one) => one.version),
    ),
  );
  return { pinned, versions: versions.flat() };
}

async function readImages(ports: Ports, snapshotIds: readonly string[]): Promise<Reference[]> {
  const images = await ports.listImages(about("block-device-mapping.snapshot-id", snapshotIds));
  return images.flatMap((image) => image.snapshotIds.map((snapshotId) => ({ snapshotId, by: `AMI ${image.imageId}` })));
}

/** Volumes that are being made. Each is so for a moment only. */
async function readCreations(ports: Ports, snapshotIds: readonly string[]): Promise<Reference[]> {
  const creating = await ports.listVolumes({ status: ["creating"], ...about("snapshot-id", snapshotIds) });
  return creating.map(({ snapshotId, id }) => ({ snapshotId, by: `volume ${id} in creation` }));
}

async function readLocks(ports: Ports): Promise<Reference[]> {
  return (await ports.listLocks()).map((snapshotId) => ({ snapshotId, by: "a snapshot lock" }));
}

/** One call each. */
async function readShares(ports: Ports, snapshotIds: readonly string[]): Promise<Reference[]> {
  const shared = await inParallel(snapshotIds, AT_ONCE, async (id) => ((await ports.isShared(id)) ? [id] : []));
  return shared.flat().map((snapshotId) => ({ snapshotId, by: "a share with another account" }));
}

/**
 * Reads what refers to these snapshots. `shared`: those that are about to be deleted, whose shares cost a call each. Launch
 * templates and groups of the whole region are listed, since EC2 cannot be asked which of them name a snapshot.
 */
export async function readReferences(
  ports: Ports,
  snapshotIds: readonly string[],
  shared: readonly string[],
): Promise<References> {
  const some = snapshotIds.length > 0;
  const [current, images, locks, creations, shares] = await Promise.all([
    ports.listCurrentReferences(),
    some ? readImages(ports, snapshotIds) : [],
    some ? readLocks(ports) : [],
    some ? readCreations(ports, snapshotIds) : [],
    readShares(ports, shared),
  ]);
  const { pinned, versions } = await readPinned(ports, current);
  const ours = new Set(snapshotIds);
  const all = [...images, ...creations, ...versionReferences([...current, ...versions]), ...locks, ...shares];
  return { pinnedVersions: pinned, references: all.filter((one) => ours.has(one.snapshotId)) };
}
