/** The cache device of the launch templates that ask for it. Rotation alone writes it, in place, from `$Latest`, whole. */
import { hasMapping, type OwnIds, VERSIONS_KEPT, VERSIONS_PRUNED_AT, wantedMapping } from "../cache-device";
import { deviceNameOf, isDeviceName, isSameDevice, tagProblems } from "../template-tags";
import type { Action, LaunchTemplate, Snapshot, State, TemplateVersionId } from "../types";
import { isOurBusiness, type Judged } from "./judge";

/** DeleteLaunchTemplateVersions takes so many. */
const VERSIONS_PER_CALL = 200;

/** Snapshots of this cache that devices may name: those that are there, and those that the pointer has named, gone or not. */
function ownIds(judged: readonly Judged[], { pointerHistory }: State): OwnIds {
  const there = judged.filter(isOurBusiness).map((one) => one.snapshot.id);
  return new Set([...there, ...pointerHistory.map((one) => one.value)]);
}

function planOne(template: LaunchTemplate, promoted: Snapshot | undefined, own: OwnIds): Action[] {
  const mapping = wantedMapping(template, promoted, own);
  const carried = promoted ? `to carry ${promoted.id}` : "to name no snapshot: workers start cold rather than fail";
  const left = mapping.former.length > 0 ? `; no other device is to name ${mapping.former.join(", ")}` : "";
  if (!hasMapping(template.data, mapping))
    return [{ kind: "write-template", template, mapping, reason: `${carried}${left}` }];
  if (template.defaultVersion === template.latestVersion) return [];
  const reason = `$Default is ${template.defaultVersion} and $Latest ${template.latestVersion}: both have ${carried}`;
  return [{ kind: "set-default-version", templateId: template.id, version: template.latestVersion, reason }];
}

/**
 * The devices with a snapshot that a template with faulty tags has of this cache: the one that the tags name, if EC2 knows such a name, and
 * those that name a snapshot of this cache.
 */
function presentDevices(template: LaunchTemplate, own: OwnIds): { readonly deviceName: string; readonly id: string }[] {
  const name = deviceNameOf(template);
  return (template.data.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) => {
    const id = Ebs?.SnapshotId;
    const isNamed = isDeviceName(name) && isSameDevice(DeviceName, name);
    // EC2 takes no mapping without a name.
    return id !== undefined && (isNamed || own.has(id)) ? [{ deviceName: DeviceName as string, id }] : [];
  });
}

/**
 * A template whose tags ask for what EC2 refuses stays as it is, with the snapshot that it has. Only if that one is gone, rejected, about to be
 * deleted by DLM or otherwise not to be served, or nothing is promoted, its device is taken out: its launches would fail, or workers would get
 * what was rejected.
 */
function planFaulty(
  template: LaunchTemplate,
  promoted: Snapshot | undefined,
  judged: readonly Judged[],
  own: OwnIds,
): Action[] {
  const mayStay = new Set(promoted ? judged.filter((one) => one.holdable).map((one) => one.snapshot.id) : []);
  const [device, ...others] = presentDevices(template, own).filter(({ id }) => !mayStay.has(id));
  if (device) {
    const former = others.map(({ id }) => id);
    const mapping = { deviceName: device.deviceName, ebs: null, former };
    const why = `${[device.id, ...former].join(", ")} is not to be served any more, and the template's tags ask for what EC2 refuses`;
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
  const own = ownIds(judged, state);
  return [...state.launchTemplates]
    .sort(byId)
    .flatMap((template) =>
      tagProblems(template, promoted).length > 0
        ? planFaulty(template, promoted, judged, own)
        : planOne(template, promoted, own),
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
