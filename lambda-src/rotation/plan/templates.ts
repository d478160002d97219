/** The cache device of the launch templates that ask for it. Rotation alone writes it, in place, from `$Latest`, whole. */
import { hasMapping, VERSIONS_KEPT, VERSIONS_PRUNED_AT, wantedMapping } from "../cache-device";
import { deviceNameOf, isDeviceName, isSameDevice, tagProblems } from "../template-tags";
import type { Action, BlockDeviceMapping, LaunchTemplate, Snapshot, State, TemplateVersionId } from "../types";
import type { Judged } from "./judge";

/** DeleteLaunchTemplateVersions takes so many. */
const VERSIONS_PER_CALL = 200;

function planOne(template: LaunchTemplate, promoted: Snapshot | undefined): Action[] {
  const mapping = wantedMapping(template, promoted);
  const carried = promoted ? `to carry ${promoted.id}` : "to name no snapshot: workers start cold rather than fail";
  if (!hasMapping(template.data, mapping)) return [{ kind: "write-template", template, mapping, reason: carried }];
  if (template.defaultVersion === template.latestVersion) return [];
  const reason = `$Default is ${template.defaultVersion} and $Latest ${template.latestVersion}: both have ${carried}`;
  return [{ kind: "set-default-version", templateId: template.id, version: template.latestVersion, reason }];
}

/**
 * The device that a template with faulty tags has of this cache: the one that the tags name, or, if EC2 knows no such name, one that names a
 * snapshot which the pointer has named.
 */
function presentDevice(template: LaunchTemplate, state: State): BlockDeviceMapping | undefined {
  const mappings = template.data.BlockDeviceMappings ?? [];
  const name = deviceNameOf(template);
  if (isDeviceName(name)) return mappings.find((one) => isSameDevice(one.DeviceName, name));
  const served = new Set(state.pointerHistory.map((one) => one.value));
  return mappings.find((one) => served.has(one.Ebs?.SnapshotId ?? ""));
}

/**
 * A template whose tags ask for what EC2 refuses stays as it is, with the snapshot that it has. Only if that one is gone, rejected or otherwise not
 * healthy, or nothing is promoted, its device is taken out: its launches would fail, or workers would get what was rejected.
 */
function planFaulty(
  template: LaunchTemplate,
  promoted: Snapshot | undefined,
  judged: readonly Judged[],
  state: State,
): Action[] {
  const device = presentDevice(template, state);
  const snapshotId = device?.Ebs?.SnapshotId;
  const mayStay = promoted !== undefined && judged.some((one) => one.healthy && one.snapshot.id === snapshotId);
  if (device && snapshotId !== undefined && !mayStay) {
    // EC2 takes no mapping without a name.
    const mapping = { deviceName: device.DeviceName as string, ebs: null };
    const why = `${snapshotId} is not to be served any more, and the template's tags ask for what EC2 refuses`;
    const reason = `${why}: workers start cold`;
    return [{ kind: "write-template", template, mapping, reason }];
  }
  if (template.defaultVersion === template.latestVersion || (promoted && !template.latestIsRotations)) return [];
  const why = promoted ? "is what rotation wrote last" : "names no snapshot";
  const reason = `$Default is ${template.defaultVersion}, and $Latest ${template.latestVersion} ${why}`;
  return [{ kind: "set-default-version", templateId: template.id, version: template.latestVersion, reason }];
}

const byId = (a: LaunchTemplate, b: LaunchTemplate) => (a.id < b.id ? -1 : 1);

/** Writes and default versions, for every template that consumes this cache. */
export function planTemplates(state: State, promoted: Snapshot | undefined, judged: readonly Judged[]): Action[] {
  return [...state.launchTemplates]
    .sort(byId)
    .flatMap((template) =>
      tagProblems(template, promoted).length > 0
        ? planFaulty(template, promoted, judged, state)
        : planOne(template, promoted),
    );
}

/** Returns what is wrong with the tags of the templates. */
export function templateNotes(templates: readonly LaunchTemplate[], promoted: Snapshot | undefined): string[] {
  return [...templates]
    .sort(byId)
    .flatMap((template) => tagProblems(template, promoted).map((problem) => `${problem}; rotation leaves it as it is`));
}

/** Old versions that rotation created and nobody names, ten or more at a time. */
export function planPruning(templates: readonly LaunchTemplate[], pinned: readonly TemplateVersionId[]): Action[] {
  return [...templates].sort(byId).flatMap((template): Action[] => {
    const named = pinned.filter((one) => one.templateId === template.id).map((one) => one.version);
    const untouchable = new Set([template.latestVersion, template.defaultVersion, template.dataVersion, ...named]);
    const old = [...template.rotationVersions].sort((a, b) => b - a).slice(VERSIONS_KEPT);
    const versions = old.filter((version) => !untouchable.has(version)).slice(-VERSIONS_PER_CALL);
    const reason = `created by rotation, beyond the newest ${VERSIONS_KEPT}, and named by nobody`;
    return versions.length < VERSIONS_PRUNED_AT
      ? []
      : [{ kind: "prune-versions", templateId: template.id, versions, reason }];
  });
}
