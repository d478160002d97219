/** Reads all that a plan depends on. Every list is paginated below the port; nothing is decided here. */
import { cacheId, POINTER_NONE, type RotationSettings, resourceNames, TAG } from "../../lib/contract";
import { VERSIONS_KEPT } from "./plan-templates";
import type { Ports, TemplateHead, TemplateVersion } from "./ports";
import { parseRejected, readParameters } from "./read-parameters";
import type {
  LaunchTemplate,
  PointerEntry,
  Reference,
  Snapshot,
  State,
  TemplateData,
  TemplateVersionId,
} from "./types";

/** EC2 may not list for so long what it has just made. */
export const CONSISTENCY_MILLISECONDS = 90_000;

export interface ReadOptions {
  /** Snapshots whose shares are looked up too: one call each, so only for those about to be deleted. */
  readonly sharesOf?: readonly string[];
  /** Read on where the rotation stack is gone, as if nothing were promoted. */
  readonly pointerMayBeMissing?: boolean;
}

function snapshotsIn(data: TemplateData): string[] {
  return (data.BlockDeviceMappings ?? []).flatMap((one) => (one.Ebs?.SnapshotId ? [one.Ebs.SnapshotId] : []));
}

/** The snapshots, with the promoted one among them where it exists: EC2 is given time to list one that was just promoted. */
async function readSnapshots(
  ports: Ports,
  filter: Record<string, string>,
  pointer: PointerEntry,
): Promise<readonly Snapshot[]> {
  const listed = await ports.listSnapshots(filter);
  const age = ports.now() - pointer.writtenAt;
  const missing = pointer.value !== POINTER_NONE && !listed.some((one) => one.id === pointer.value);
  if (!missing || age >= CONSISTENCY_MILLISECONDS) return listed;
  await ports.sleep(CONSISTENCY_MILLISECONDS - age);
  return ports.listSnapshots(filter);
}

async function readTemplate(
  ports: Ports,
  head: TemplateHead,
  current: readonly TemplateVersion[],
  role: string,
): Promise<LaunchTemplate[]> {
  const own = current.filter((one) => one.templateId === head.id).sort((a, b) => b.version - a.version);
  const latest = own[0];
  if (!latest) return [];
  const all = head.latestVersion > VERSIONS_KEPT ? await ports.listVersions(head.id) : [];
  const rotationVersions = all
    .filter((one) => one.createdBy.includes(`:assumed-role/${role}/`))
    .map((one) => one.version);
  const { version: dataVersion, description, data } = latest;
  const latestVersion = Math.max(head.latestVersion, dataVersion);
  return [{ ...head, latestVersion, dataVersion, description, data, rotationVersions }];
}

/** Versions that groups name by number, and those of them that are neither `$Latest` nor `$Default`. */
async function readPinned(ports: Ports, current: readonly TemplateVersion[]) {
  const named = (await ports.listAutoScalingVersions()).filter((one) => /^\d+$/.test(one.version));
  const keys = [...new Set(named.map((one) => `${one.templateId} ${one.version}`))].sort();
  const pinned = keys.map((key): TemplateVersionId => {
    const [templateId = "", version] = key.split(" ");
    return { templateId, version: Number(version) };
  });
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

async function readReferences(
  ports: Ports,
  versions: readonly TemplateVersion[],
  shares: readonly string[],
): Promise<Reference[]> {
  const [images, creating, locks, shared] = await Promise.all([
    ports.listImages(),
    ports.listCreatingVolumes(),
    ports.listLocks(),
    Promise.all(shares.map(async (id) => ((await ports.isShared(id)) ? [id] : []))),
  ]);
  return [
    ...images.flatMap(({ imageId, snapshotIds }) =>
      snapshotIds.map((snapshotId) => ({ snapshotId, by: `AMI ${imageId}` })),
    ),
    ...versions.flatMap(({ templateId, version, data }) =>
      snapshotsIn(data).map((snapshotId) => ({
        snapshotId,
        by: `launch template ${templateId} version ${version}`,
        version: { templateId, version },
      })),
    ),
    ...creating.map(({ snapshotId, volumeId }) => ({ snapshotId, by: `volume ${volumeId} in creation` })),
    ...locks.map((snapshotId) => ({ snapshotId, by: "a snapshot lock" })),
    ...shared.flat().map((snapshotId) => ({ snapshotId, by: "a share with another account" })),
  ];
}

export async function readState(ports: Ports, settings: RotationSettings, options: ReadOptions = {}): Promise<State> {
  const { name, architecture } = settings;
  const ours = { [TAG.name]: name, [TAG.architecture]: architecture };
  const { pointer, history, rejected, volumeId } = await readParameters(ports, settings, options);
  const [snapshots, fastRestores, volumes, instances, heads, current] = await Promise.all([
    readSnapshots(ports, ours, pointer),
    ports.listFastRestores(),
    ports.listVolumes(ours),
    ports.listInstances(ours),
    ports.listLaunchTemplates({ [TAG.consume]: cacheId(name, architecture) }),
    ports.listCurrentVersions(),
  ]);
  const { pinned, versions } = await readPinned(ports, current);
  const role = resourceNames(name, architecture, ports.region).rotationRole;
  const [references, templates] = await Promise.all([
    readReferences(ports, [...current, ...versions], options.sharesOf ?? []),
    Promise.all(heads.map((head) => readTemplate(ports, head, current, role))),
  ]);
  return {
    now: ports.now(),
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
    references,
    fastRestores,
  };
}
