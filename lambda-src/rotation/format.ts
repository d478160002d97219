/** Actions in words: the same lines in the function's log and on the command line. */
import type { Action } from "./types";

function what(action: Action): string {
  switch (action.kind) {
    case "write-rejected":
      return `reject ${action.contents.join(", ") || "nothing"}`;
    case "write-pointer":
      return `point to ${action.value}`;
    case "tag-rejected":
      return `tag ${action.resourceIds.join(", ")} as rejected`;
    case "tag-ready":
      return `tag ${action.snapshotId} as ready`;
    case "pin":
    case "unpin":
      return `${action.kind} ${action.snapshotId}`;
    case "write-template":
      return `write ${action.mapping.deviceName} of launch template ${action.template.id}`;
    case "set-default-version":
      return `make version ${action.version} the default of launch template ${action.templateId}`;
    case "prune-versions":
      return `delete versions ${action.versions.join(", ")} of launch template ${action.templateId}`;
    case "enable-fast-restore":
      return `enable fast restore of ${action.snapshotId} in ${action.zones.join(", ")}`;
    case "disable-fast-restore":
      return `disable fast restore of ${action.snapshotId} in ${action.zones.join(", ")}`;
    case "terminate-builder":
      return `terminate ${action.instanceId}`;
    case "untag-delete-after":
      return `no longer delete ${action.snapshotIds.join(", ")}`;
    case "tag-delete-after":
      return `delete ${action.snapshotIds.join(", ")} after ${action.deleteAfter}`;
    case "tag-deletion-refused":
      return `note on ${action.snapshotIds.join(", ")} that EC2 refused at ${action.refusedAt}`;
    case "delete-snapshot":
      return `delete ${action.snapshotId}`;
  }
}

/** One line an action. */
export function formatAction(action: Action): string {
  return `${what(action)} (${action.reason})`;
}
