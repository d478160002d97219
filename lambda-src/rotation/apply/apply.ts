/** Executes actions in the order of the plan. One that fails does not stop the others; the run fails at its end, naming all. */
import { parameterPaths, type RotationSettings, TAG } from "../../../lib/contract";
import { inParallel } from "../../../lib/in-parallel";
import type { Ports } from "../ports";
import type { Action, ActionKind } from "../types";
import { isNotFound, writeTemplate } from "./write-template";

export interface Applied {
  readonly action: Action;
  /** undefined: done. `held`: EC2 refused for a reason that the next plan will see. */
  readonly failure: Error | "held" | undefined;
}

/** All in one call; if that fails, one by one, so that one that is gone or cannot be tagged holds no other up. */
async function each(ids: readonly string[], call: (ids: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await call(ids);
  } catch (error) {
    if (ids.length <= 1) throw error;
    const ended = await Promise.allSettled(ids.map((id) => call([id])));
    const failed = ended.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  }
}

async function execute(action: Action, ports: Ports, settings: RotationSettings): Promise<"held" | undefined> {
  const paths = parameterPaths(settings.name, settings.architecture);
  switch (action.kind) {
    case "write-rejected":
      await ports.putParameter(paths.rejected, action.contents.join("\n") || "none");
      return;
    case "write-pointer":
      await ports.putParameter(paths.pointer, action.value);
      return;
    case "tag-rejected":
      await ports.tagResources(action.resourceIds, TAG.state, "rejected");
      return;
    case "tag-ready":
      await ports.tagResources([action.snapshotId], TAG.state, "ready");
      return;
    case "pin":
      await ports.tagResources([action.snapshotId], TAG.pin, "promoted");
      return;
    case "unpin":
      await ports.untagResources([action.snapshotId], [TAG.pin]);
      return;
    case "write-template":
      await writeTemplate(action.template, action.mapping, ports);
      return;
    case "set-default-version":
      await ports.setDefaultVersion(action.templateId, action.version);
      return;
    case "prune-versions":
      await ports.deleteVersions(action.templateId, action.versions);
      return;
    case "enable-fast-restore":
      await ports.enableFastRestore(action.snapshotId, action.zones);
      return;
    case "disable-fast-restore":
      await ports.disableFastRestore(action.snapshotId, action.zones);
      return;
    case "terminate-builder":
      await ports.terminateInstance(action.instanceId);
      return;
    case "untag-delete-after":
      await each(action.snapshotIds, (ids) => ports.untagResources(ids, [TAG.deleteAfter, TAG.deletionRefused]));
      return;
    case "tag-deletion-refused":
      await each(action.snapshotIds, (ids) => ports.tagResources(ids, TAG.deletionRefused, action.refusedAt));
      return;
    case "tag-delete-after":
      await each(action.snapshotIds, (ids) => ports.tagResources(ids, TAG.deleteAfter, action.deleteAfter));
      return;
    case "delete-snapshot":
      return (await ports.deleteSnapshot(action.snapshotId)) ? undefined : "held";
  }
}

/**
 * Actions that another run, DLM or a person may have done already, or whose resource EC2 does not know yet. The next plan sees
 * what is left to do.
 */
const MAY_BE_GONE: readonly ActionKind[] = [
  "prune-versions",
  "enable-fast-restore",
  "disable-fast-restore",
  "terminate-builder",
  "untag-delete-after",
  "tag-delete-after",
  "tag-deletion-refused",
];

function judgeFailure(action: Action, error: unknown): Error | "held" {
  if (isNotFound(error) && MAY_BE_GONE.includes(action.kind)) return "held";
  return error instanceof Error ? error : new Error(String(error));
}

async function attempt(action: Action, ports: Ports, settings: RotationSettings): Promise<Applied> {
  try {
    return { action, failure: await execute(action, ports, settings) };
  } catch (error) {
    return { action, failure: judgeFailure(action, error) };
  }
}

/** Launch templates that are written at a time: EC2 throttles more. */
const TEMPLATES_AT_ONCE = 8;

const isOfTemplate = ({ kind }: Action) => kind === "write-template" || kind === "set-default-version";

/** The actions in their order, those of launch templates that stand side by side together: each is about a template of its own. */
function inGroups(actions: readonly Action[]): Action[][] {
  const groups: Action[][] = [];
  for (const action of actions) {
    const last = groups.at(-1);
    if (last?.[0] && isOfTemplate(action) && isOfTemplate(last[0])) last.push(action);
    else groups.push([action]);
  }
  return groups;
}

/** What a person rejects or takes back comes first; if it cannot be written, what rests on it must not be done. */
const failedToReject = ({ action, failure }: Applied) => action.kind === "write-rejected" && failure instanceof Error;

/**
 * Executes one after the other, a few launch templates at a time, and says what became of each, in the order of the plan. One that
 * fails does not stop the others, except `write-rejected`: nothing is done after it.
 */
export async function applyActions(
  actions: readonly Action[],
  ports: Ports,
  settings: RotationSettings,
): Promise<Applied[]> {
  const applied: Applied[] = [];
  for (const group of inGroups(actions)) {
    applied.push(...(await inParallel(group, TEMPLATES_AT_ONCE, (action) => attempt(action, ports, settings))));
    if (applied.some(failedToReject)) break;
  }
  return applied;
}

/** What workers get depends on these alone: as long as they succeed, rotation works, whatever else fails. */
const SERVING: readonly ActionKind[] = ["write-pointer", "write-template", "set-default-version"];

/** True if reading, promoting and writing templates succeeded. */
export function servesWell(applied: readonly Applied[]): boolean {
  return !applied.some(({ action, failure }) => failure instanceof Error && SERVING.includes(action.kind));
}

/**
 * Throws if an action failed: the run is then a failed one, after all else was done. A snapshot that cannot be deleted is no
 * failure of the run: it has an alarm of its own, and the next run would fail as this one did.
 */
export function throwFailures(applied: readonly Applied[]): void {
  const failures = applied.flatMap(({ action, failure }) =>
    failure instanceof Error && action.kind !== "delete-snapshot"
      ? [new Error(`${action.kind}: ${failure.message}`, { cause: failure })]
      : [],
  );
  if (failures.length > 0) throw new AggregateError(failures, failures.map((error) => error.message).join("; "));
}
