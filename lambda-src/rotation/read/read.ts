/** Reads all that a plan depends on. Every list is paginated below the port; nothing is decided here. */

import { cacheId, type RotationSettings, resourceNames, TAG } from "../../../lib/contract";
import { MINUTE_MILLISECONDS } from "../../../lib/time";
import { VERSIONS_KEPT } from "../cache-device";
import { bearing, type Filters, type Ports, type TemplateHead, type TemplateVersion } from "../ports";
import type { LaunchTemplate, PointerEntry, Snapshot, State } from "../types";
import { parseRejected, readParameters } from "./parameters";
import { readCreations, readImages, readLocks, readPinned, readShares, versionReferences } from "./references";

const SNAPSHOT_ID = /^snap-[0-9a-f]+$/;

/** EC2 may not list for so long what it has just made. */
const CONSISTENCY_MILLISECONDS = 90_000;

export interface ReadOptions {
  /** Snapshots about to be deleted: their shares are looked up too, one call each, and volumes in creation. */
  readonly doomed?: readonly string[];
  /** Read on if the rotation stack is gone, as if nothing were promoted. */
  readonly pointerMayBeMissing?: boolean;
}

/**
 * Returns the snapshots, with the promoted one among them if it exists. EC2 is given time to list one that was just promoted. It
 * is asked for it by id before it is taken for lost, since a list may leave something out for a moment.
 */
async function readSnapshots(ports: Ports, filters: Filters, pointer: PointerEntry): Promise<readonly Snapshot[]> {
  const isMissing = (list: readonly Snapshot[]) =>
    SNAPSHOT_ID.test(pointer.value) && !list.some((one) => one.id === pointer.value);
  let listed = await ports.listSnapshots(filters);
  const wait = CONSISTENCY_MILLISECONDS - (ports.now() - pointer.writtenAt);
  if (isMissing(listed) && wait > 0) {
    await ports.sleep(Math.min(wait, CONSISTENCY_MILLISECONDS));
    listed = await ports.listSnapshots(filters);
  }
  const promoted = isMissing(listed) ? await ports.getSnapshot(pointer.value) : null;
  return promoted ? [...listed, promoted] : listed;
}

/**
 * Returns the template whose old versions are listed in this run: one a run, each in its turn. So a run costs the same, however
 * many there are.
 */
function inTurn(heads: readonly TemplateHead[], now: number, { reconcileMinutes }: RotationSettings) {
  const many = heads.filter((head) => head.latestVersion > VERSIONS_KEPT).sort((a, b) => a.id.localeCompare(b.id));
  return many[Math.floor(now / (reconcileMinutes * MINUTE_MILLISECONDS)) % many.length];
}

/** Returns a template with the versions of `role`, null: without. Leaves it out if EC2 does not show its versions yet. */
async function readTemplate(
  ports: Ports,
  head: TemplateHead,
  current: readonly TemplateVersion[],
  role: string | null,
): Promise<LaunchTemplate[]> {
  const own = current.filter((one) => one.templateId === head.id).sort((a, b) => b.version - a.version);
  const latest = own[0];
  if (!latest) return [];
  const all = role === null ? [] : await ports.listVersions(head.id);
  const rotationVersions = all
    .filter((one) => one.createdBy.includes(`:assumed-role/${role}/`))
    .map((one) => one.version);
  const { version: dataVersion, description, data } = latest;
  const latestVersion = Math.max(head.latestVersion, dataVersion);
  return [{ ...head, latestVersion, dataVersion, description, data, rotationVersions }];
}

export async function readState(ports: Ports, settings: RotationSettings, options: ReadOptions = {}): Promise<State> {
  const { name, architecture } = settings;
  const ours = bearing({ [TAG.name]: name, [TAG.architecture]: architecture });
  const { pointer, history, rejected, volumeId } = await readParameters(ports, settings, options);
  const [snapshots, fastRestores, volumes, instances, heads, current] = await Promise.all([
    readSnapshots(ports, ours, pointer),
    ports.listFastRestores(),
    ports.listVolumes(ours),
    ports.listInstances(ours),
    ports.listLaunchTemplates(bearing({ [TAG.consume]: cacheId(name, architecture) })),
    ports.listCurrentVersions(),
  ]);
  const { pinned, versions } = await readPinned(ports, current);
  const role = resourceNames(name, architecture, ports.region).rotationRole;
  const { doomed } = options;
  const pruned = inTurn(heads, ports.now(), settings);
  const [images, locks, creations, shares, templates] = await Promise.all([
    readImages(ports),
    readLocks(ports),
    doomed ? readCreations(ports) : [],
    doomed ? readShares(ports, doomed) : [],
    Promise.all(heads.map((head) => readTemplate(ports, head, current, head === pruned ? role : null))),
  ]);
  return {
    // What AWS wrote was written in the past, whatever a clock says that runs behind.
    now: Math.max(ports.now(), pointer.writtenAt),
    region: ports.region,
    accountId: pointer.accountId ?? snapshots[0]?.ownerId ?? "",
    snapshots,
    pointer,
    pointerHistory: history.entries,
    pointerHistoryComplete: history.complete,
    rejected: parseRejected(rejected),
    rejectedAt: rejected?.writtenAt ?? null,
    volumeId,
    volumes,
    instances,
    launchTemplates: templates.flat(),
    pinnedVersions: pinned,
    references: [...images, ...creations, ...versionReferences([...current, ...versions]), ...locks, ...shares],
    fastRestores,
  };
}
