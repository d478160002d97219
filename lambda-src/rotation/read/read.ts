/** Reads all that a plan depends on. Every list is paginated below the port; nothing is decided here. */

import {
  cacheId,
  parameterPaths,
  parseRejected,
  type RotationSettings,
  resourceNames,
  TAG,
} from "../../../lib/contract";
import { MINUTE_MILLISECONDS } from "../../../lib/time";
import { VERSIONS_KEPT } from "../cache-device";
import { about, bearing, type Filters, type Ports, type TemplateHead, type TemplateVersion } from "../ports";
import type { FastRestore, LaunchTemplate, ParameterWrite, Snapshot, State } from "../types";
import { type Parameters, readParameters } from "./parameters";
import { readReferences } from "./references";

const SNAPSHOT_ID = /^snap-[0-9a-f]+$/;

/** EC2 may not list for so long what it has just made. */
const CONSISTENCY_MILLISECONDS = 90_000;

export interface ReadOptions {
  /**
   * What refers to the snapshots is read too; a run does so only about what it is to remove (`recheck.ts`). `shares-too`: also
   * their shares with other accounts, one call for each snapshot.
   */
  readonly references?: "all" | "shares-too";
  /** For a person's command: every write of `rejected` is read too. */
  readonly asked?: boolean;
  /** Read on if the rotation stack is gone, as if nothing were promoted. */
  readonly pointerMayBeMissing?: boolean;
}

/**
 * Returns the snapshots, with the promoted one among them if it exists. EC2 is given time to list one that was just promoted. It
 * is asked for it by id before it is taken for lost, since a list may leave something out for a moment.
 */
async function readSnapshots(ports: Ports, filters: Filters, pointer: ParameterWrite): Promise<readonly Snapshot[]> {
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

/** Fast restore of these snapshots, or, if they are more than a filter takes, of the region. */
async function readFastRestores(ports: Ports, snapshots: readonly Snapshot[]): Promise<readonly FastRestore[]> {
  const ids = snapshots.map((one) => one.id);
  if (ids.length === 0) return [];
  return ports.listFastRestores(about("snapshot-id", ids));
}

/**
 * Returns the template whose old versions are listed in this run: one a run, each in its turn. So a run costs the same, however
 * many there are.
 */
function inTurn(heads: readonly TemplateHead[], now: number, { reconcileMinutes }: RotationSettings) {
  const many = heads.filter((head) => head.latestVersion > VERSIONS_KEPT).sort((a, b) => a.id.localeCompare(b.id));
  return many[Math.floor(now / (reconcileMinutes * MINUTE_MILLISECONDS)) % many.length];
}

/** Returns a template, `whole`: with the versions of `role`. Leaves it out if EC2 does not show its versions yet. */
async function readTemplate(
  ports: Ports,
  head: TemplateHead,
  latest: TemplateVersion | undefined,
  role: string,
  whole: boolean,
): Promise<LaunchTemplate[]> {
  if (!latest) return [];
  const isRotations = (one: TemplateVersion) => one.createdBy.includes(`:assumed-role/${role}/`);
  const all = whole ? await ports.listVersions(head.id) : [];
  const rotationVersions = all.filter(isRotations).map((one) => one.version);
  const { version: dataVersion, description, data } = latest;
  const latestVersion = Math.max(head.latestVersion, dataVersion);
  const latestIsRotations = isRotations(latest);
  return [{ ...head, latestVersion, dataVersion, description, data, latestIsRotations, rotationVersions }];
}

async function readTemplates(ports: Ports, settings: RotationSettings): Promise<LaunchTemplate[]> {
  const { name, architecture } = settings;
  const heads = await ports.listLaunchTemplates(bearing({ [TAG.consume]: cacheId(name, architecture) }));
  const latest = new Map(
    (await ports.listLatestVersions(heads.map(({ id }) => id))).map((one) => [one.templateId, one]),
  );
  const role = resourceNames(name, architecture, ports.region).rotationRole;
  const pruned = inTurn(heads, ports.now(), settings);
  const read = (head: TemplateHead) => readTemplate(ports, head, latest.get(head.id), role, head === pruned);
  return (await Promise.all(heads.map(read))).flat();
}

/**
 * Returns the volumes that `volume-id` has named. They are asked for only if some snapshot is of another volume than the present one
 * and the pointer has not named it: nothing else rests on them.
 */
async function readKnownVolumes(
  ports: Ports,
  settings: RotationSettings,
  { pointer, history, volumeId }: Parameters,
  snapshots: readonly Snapshot[],
): Promise<string[]> {
  if (volumeId === null) return [];
  const named = new Set([pointer, ...history.entries].map((one) => one.value));
  const open = snapshots.some((one) => one.volumeId !== volumeId.value && !named.has(one.id));
  if (!open) return [volumeId.value];
  const path = parameterPaths(settings.name, settings.architecture).volumeId;
  const { entries } = await ports.getParameterHistory(path);
  return [...new Set([...entries.map((one) => one.value), volumeId.value])];
}

/** Who is asked about these snapshots, and about which of them: see {@link ReadOptions}. */
async function readWanted(ports: Ports, snapshots: readonly Snapshot[], { references }: ReadOptions) {
  if (!references) return { pinnedVersions: [], references: [] };
  const ids = snapshots.map((one) => one.id);
  return readReferences(ports, ids, references === "shares-too" ? ids : []);
}

export async function readState(ports: Ports, settings: RotationSettings, options: ReadOptions = {}): Promise<State> {
  const { name, architecture } = settings;
  const ours = bearing({ [TAG.name]: name, [TAG.architecture]: architecture });
  const parameters = await readParameters(ports, settings, options);
  const { pointer, history, rejected, rejectedWrites, volumeId } = parameters;
  const [snapshots, volumes, instances, launchTemplates] = await Promise.all([
    readSnapshots(ports, ours, pointer),
    ports.listVolumes(ours),
    ports.listInstances(ours),
    readTemplates(ports, settings),
  ]);
  const [fastRestores, knownVolumeIds, referred] = await Promise.all([
    readFastRestores(ports, snapshots),
    readKnownVolumes(ports, settings, parameters, snapshots),
    readWanted(ports, snapshots, options),
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
    rejected: parseRejected(rejected?.value),
    rejectedWrites,
    volumeId,
    knownVolumeIds,
    volumes,
    instances,
    launchTemplates,
    referencesOf: options.references === undefined ? "none" : "all",
    ...referred,
    fastRestores,
  };
}
