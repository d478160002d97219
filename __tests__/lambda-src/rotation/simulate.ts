/** The state that a plan leaves, if EC2 and SSM do all of it at once: for properties of repeated planning. */

import { withMapping } from "../../../lambda-src/rotation/cache-device";
import type { Action, Snapshot, State, Tags } from "../../../lambda-src/rotation/types";
import { TAG } from "../../../lib/contract";

function without(tags: Tags, key: string): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([one]) => one !== key));
}

function retag(state: State, ids: readonly string[], change: (tags: Tags) => Tags): State {
  const one = <T extends { id: string; tags: Tags }>(item: T): T =>
    ids.includes(item.id) ? { ...item, tags: change(item.tags) } : item;
  return { ...state, snapshots: state.snapshots.map((item): Snapshot => one(item)), volumes: state.volumes.map(one) };
}

function writeTemplate(state: State, action: Extract<Action, { kind: "write-template" }>): State {
  const launchTemplates = state.launchTemplates.map((one) => {
    if (one.id !== action.template.id) return one;
    const version = one.latestVersion + 1;
    const data = withMapping(one.data, action.mapping);
    const rotationVersions = [...one.rotationVersions, version];
    return { ...one, data, latestVersion: version, defaultVersion: version, dataVersion: version, rotationVersions };
  });
  return { ...state, launchTemplates };
}

function step(state: State, action: Action): State {
  switch (action.kind) {
    case "write-rejected":
      return {
        ...state,
        rejected: action.contents,
        rejectedWrites: [...state.rejectedWrites, { value: action.contents.join("\n"), writtenAt: state.now }],
      };
    case "write-pointer": {
      const pointer = { value: action.value, writtenAt: state.now };
      return { ...state, pointer, pointerHistory: [...state.pointerHistory, pointer] };
    }
    case "tag-rejected":
      return retag(state, action.resourceIds, (tags) => ({ ...tags, [TAG.state]: "rejected" }));
    case "tag-ready":
      return retag(state, [action.snapshotId], (tags) => ({ ...tags, [TAG.state]: "ready" }));
    case "pin":
      return retag(state, [action.snapshotId], (tags) => ({ ...tags, [TAG.pin]: "promoted" }));
    case "unpin":
      return retag(state, [action.snapshotId], (tags) => without(tags, TAG.pin));
    case "write-template":
      return writeTemplate(state, action);
    case "set-default-version":
      return {
        ...state,
        launchTemplates: state.launchTemplates.map((one) =>
          one.id === action.templateId ? { ...one, defaultVersion: action.version } : one,
        ),
      };
    case "prune-versions":
      return {
        ...state,
        launchTemplates: state.launchTemplates.map((one) =>
          one.id === action.templateId
            ? { ...one, rotationVersions: one.rotationVersions.filter((version) => !action.versions.includes(version)) }
            : one,
        ),
      };
    case "enable-fast-restore": {
      const added = action.zones.map((zone) => ({
        snapshotId: action.snapshotId,
        zone,
        state: "enabling",
      }));
      return { ...state, fastRestores: [...state.fastRestores, ...added] };
    }
    case "disable-fast-restore":
      return {
        ...state,
        fastRestores: state.fastRestores.filter(
          (one) => one.snapshotId !== action.snapshotId || !action.zones.includes(one.zone),
        ),
      };
    case "terminate-builder":
      return {
        ...state,
        instances: state.instances.map((one) => (one.id === action.instanceId ? { ...one, state: "terminated" } : one)),
      };
    case "untag-delete-after":
      return retag(state, action.snapshotIds, (tags) => without(without(tags, TAG.deleteAfter), TAG.deletionRefused));
    case "tag-deletion-refused":
      return retag(state, action.snapshotIds, (tags) => ({ ...tags, [TAG.deletionRefused]: action.refusedAt }));
    case "tag-delete-after":
      return retag(state, action.snapshotIds, (tags) => ({ ...tags, [TAG.deleteAfter]: action.deleteAfter }));
    case "delete-snapshot":
      return { ...state, snapshots: state.snapshots.filter((one) => one.id !== action.snapshotId) };
  }
}

/** The state after all of the actions. */
export function simulate(state: State, actions: readonly Action[]): State {
  return actions.reduce(step, state);
}
