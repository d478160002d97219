/** Promoting a snapshot of a person's choice, and letting go of it. */
import { type RotationSettings, TAG } from "../../../lib/contract";
import { endOf, type Judged, judge, longestLived } from "../plan/judge";
import { move } from "../plan/move";
import { assertPolicy } from "../settings";
import type { Action, State } from "../types";
import { type Answer, find } from "./answer";

/**
 * Returns why a snapshot cannot be promoted, in words, or null if it can. Its being rejected is no obstacle: that is what a
 * person overrules.
 */
function obstacle(
  { snapshot, origin, named, healthy, servable, holdable }: Judged,
  settings: RotationSettings,
): string | null {
  if (origin !== "proven" && !(origin === "former" && named))
    return origin === "former"
      ? `${snapshot.id} is of a former volume, and was never promoted`
      : `${snapshot.id} is ${origin}: nothing proves that it comes from this cache's volume`;
  if (!healthy) return `${snapshot.id} is not healthy: it has to be completed, tagged ready and not archived`;
  if (servable && !holdable) return `${snapshot.id} expires within the hour: DLM deletes it`;
  if (servable) return null;
  const most = settings.maxEngine === null ? "" : ` of engine ${settings.maxEngine} at most`;
  return `${snapshot.id} was written by ${snapshot.tags[TAG.store] ?? "an unknown store"}, workers need ${settings.store}${most}`;
}

/** What a person wants promoted: this snapshot, or, in the other regions of the cache, one of its content. */
export type Wanted = { readonly snapshotId: string } | { readonly content: string };

function contentOf(wanted: Wanted, state: State): string | undefined {
  if ("content" in wanted) return wanted.content;
  return state.snapshots.find((one) => one.id === wanted.snapshotId)?.tags[TAG.content];
}

/** The state as it will be once the content is no longer rejected. */
function allow(content: string | undefined, wanted: Wanted, state: State): State {
  const taken = ({ id, tags }: State["snapshots"][number]) =>
    "snapshotId" in wanted ? id === wanted.snapshotId : tags[TAG.content] === content;
  return {
    ...state,
    rejected: state.rejected.filter((one) => one !== content),
    snapshots: state.snapshots.map((one) =>
      taken(one) && one.tags[TAG.state] === "rejected" ? { ...one, tags: { ...one.tags, [TAG.state]: "ready" } } : one,
    ),
  };
}

/** Of a content, the snapshot that lasts longest: the pin keeps no other one in its place. */
function bestOf(content: string, judged: readonly Judged[], state: State): Judged | undefined {
  const same = judged.filter((one) => one.holdable && one.content === content);
  const promoted = find(same, state.pointer.value);
  const longest = longestLived(same);
  return promoted && longest && endOf(promoted) === endOf(longest) ? promoted : longest;
}

function unreject(content: string | undefined, state: State, allowed: State): Action[] {
  if (allowed.rejected.length === state.rejected.length) return [];
  return [{ kind: "write-rejected", contents: allowed.rejected, reason: `${content} is wanted again` }];
}

/** Promotes at once, and pins until `unpin`. A region without a snapshot of the content only no longer refuses it. */
export function planPromote(state: State, given: RotationSettings, wanted: Wanted): Answer {
  const settings = assertPolicy(given);
  const content = contentOf(wanted, state);
  const allowed = allow(content, wanted, state);
  const judged = judge(allowed, settings);
  const accepted = unreject(content, state, allowed);
  let target: Judged | undefined;
  if ("snapshotId" in wanted) {
    target = find(judged, wanted.snapshotId);
    const where = `in ${state.region}, or is not of this cache and architecture`;
    if (!target) return { refused: `${wanted.snapshotId} does not exist ${where}` };
    const refused = obstacle(target, settings);
    if (refused !== null) return { refused };
  } else {
    target = bestOf(wanted.content, judged, allowed);
    const note = `no snapshot of content ${wanted.content} can be promoted here: what is promoted stays`;
    if (!target) return { refused: null, target: state.pointer.value, actions: accepted, note };
  }
  return { refused: null, target: target.snapshot.id, actions: [...accepted, ...promotion(target, judged, state)] };
}

function promotion(target: Judged, judged: readonly Judged[], state: State): Action[] {
  const { id } = target.snapshot;
  const before = find(judged, state.pointer.value);
  const actions: Action[] = [];
  if (state.snapshots.some((one) => one.id === id && one.tags[TAG.state] === "rejected"))
    actions.push({ kind: "tag-ready", snapshotId: id, reason: "wanted again" });
  if (!target.pinned) actions.push({ kind: "pin", snapshotId: id, reason: "stays promoted until unpin" });
  // Before the pointer moves: once it has moved, nothing would say which pin was the former one's.
  if (before && before !== target && before.pinned)
    actions.push({ kind: "unpin", snapshotId: before.snapshot.id, reason: `${id} is pinned instead` });
  return [...actions, ...move(target, judged, state, "asked for")];
}

/** Takes the pin off a snapshot, by default the promoted one: then rotation goes on. */
export function planUnpin(state: State, given: RotationSettings, snapshotId = state.pointer.value): Answer {
  const found = find(judge(state, assertPolicy(given)), snapshotId);
  const reason = snapshotId === state.pointer.value ? "rotation goes on" : "kept no longer than others";
  const actions: Action[] = found?.pinned ? [{ kind: "unpin", snapshotId, reason }] : [];
  return { refused: null, target: state.pointer.value, actions };
}
