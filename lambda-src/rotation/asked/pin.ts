/** Promoting a snapshot of a person's choice, and letting go of it. */
import { type RotationSettings, TAG } from "../../../lib/contract";
import { type Judged, judge } from "../plan/judge";
import { move } from "../plan/move";
import { assertPolicy } from "../settings";
import type { Action, State } from "../types";
import { type Answer, find } from "./answer";

/**
 * Returns why a snapshot cannot be promoted, in words, or null if it can. Its being rejected is no obstacle: that is what a
 * person overrules.
 */
function obstacle({ snapshot, origin, named, healthy, servable }: Judged, settings: RotationSettings): string | null {
  if (origin !== "proven" && !(origin === "former" && named))
    return `${snapshot.id} is ${origin}: nothing proves that it comes from this cache's volume`;
  if (!healthy) return `${snapshot.id} is not healthy: it has to be completed, tagged ready and not archived`;
  if (servable) return null;
  const most = settings.maxEngine === null ? "" : ` of engine ${settings.maxEngine} at most`;
  return `${snapshot.id} was written by ${snapshot.tags[TAG.store] ?? "an unknown store"}, workers need ${settings.store}${most}`;
}

/** Promotes a snapshot of the person's choice at once and pins it until `unpin`. */
export function planPromote(state: State, given: RotationSettings, id: string): Answer {
  const settings = assertPolicy(given);
  const content = state.snapshots.find((one) => one.id === id)?.tags[TAG.content];
  const allowed: State = {
    ...state,
    rejected: state.rejected.filter((one) => one !== content),
    snapshots: state.snapshots.map((one) =>
      one.id === id && one.tags[TAG.state] === "rejected"
        ? { ...one, tags: { ...one.tags, [TAG.state]: "ready" } }
        : one,
    ),
  };
  const judged = judge(allowed, settings);
  const target = find(judged, id);
  if (!target) return { refused: `${id} does not exist in ${state.region}, or is not of this cache and architecture` };
  const refused = obstacle(target, settings);
  if (refused !== null) return { refused };
  const before = find(judged, state.pointer.value);
  const actions: Action[] = [];
  if (allowed.rejected.length < state.rejected.length)
    actions.push({ kind: "write-rejected", contents: allowed.rejected, reason: `${content} is wanted again` });
  if (state.snapshots.some((one) => one.id === id && one.tags[TAG.state] === "rejected"))
    actions.push({ kind: "tag-ready", snapshotId: id, reason: "wanted again" });
  if (!target.pinned) actions.push({ kind: "pin", snapshotId: id, reason: "stays promoted until unpin" });
  actions.push(...move(target, state, "asked for"));
  if (before && before !== target && before.pinned)
    actions.push({ kind: "unpin", snapshotId: before.snapshot.id, reason: `${id} is pinned instead` });
  return { refused: null, target: id, actions };
}

/** Lets rotation go on: takes the pin off the promoted snapshot. */
export function planUnpin(state: State, given: RotationSettings): Answer {
  const promoted = find(judge(state, assertPolicy(given)), state.pointer.value);
  const actions: Action[] = promoted?.pinned
    ? [{ kind: "unpin", snapshotId: promoted.snapshot.id, reason: "rotation goes on" }]
    : [];
  return { refused: null, target: state.pointer.value, actions };
}
