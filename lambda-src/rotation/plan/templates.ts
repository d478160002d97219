/** The cache device of the launch templates that ask for it. Rotation alone writes it, in place, from `$Latest`, whole. */
import { TAG } from "../../../lib/contract";
import { hasMapping, parseMapping, VERSIONS_KEPT, VERSIONS_PRUNED_AT, wantedMapping } from "../cache-device";
import type { Action, LaunchTemplate, Snapshot, TemplateVersionId } from "../types";

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

const byId = (a: LaunchTemplate, b: LaunchTemplate) => (a.id < b.id ? -1 : 1);

/** Writes and default versions, for every template that consumes this cache. */
export function planTemplates(templates: readonly LaunchTemplate[], promoted: Snapshot | undefined): Action[] {
  return [...templates].sort(byId).flatMap((template) => planOne(template, promoted));
}

/** Returns what is wrong with the tags of the templates. */
export function templateProblems(templates: readonly LaunchTemplate[]): string[] {
  return [...templates]
    .sort(byId)
    .flatMap((template) =>
      parseMapping(template.tags[TAG.mapping] ?? "").problems.map(
        (problem) => `tag ${TAG.mapping} of launch template ${template.id}: ${problem}`,
      ),
    );
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
