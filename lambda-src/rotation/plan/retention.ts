/** Decides which snapshots stay and why. Keep rules add up; a snapshot that none of them keeps is removed by exactly one rule. */

import { type RotationSettings, TAG } from "../../../lib/contract";
import { DAY_MILLISECONDS } from "../../../lib/time";
import type { Decision, State } from "../types";
import { hasKnownState, type Judged, longestOf, predecessorOf, servedKey } from "./judge";
import type { Promotion } from "./promotion";

/** DLM forgets snapshots of deleted policies and volumes; so long after their date they are ours to delete. */
const FORGOTTEN_AFTER_MILLISECONDS = 2 * DAY_MILLISECONDS;

const LEFT_ALONE: Readonly<Partial<Record<Judged["origin"], string>>> = {
  pending: "EC2 has not finished it",
  unproven: "not ours: DLM's tag is missing",
  foreign: "not ours: nothing proves where it comes from",
  unjudged: "no parameter says yet which volume is ours",
};

function isForgotten(one: Judged, now: number): boolean {
  return one.origin === "managed" && one.expiresAt !== null && one.expiresAt + FORGOTTEN_AFTER_MILLISECONDS <= now;
}

/** Reasons that lie in the snapshot itself. */
function ownReasons(one: Judged, state: State): string[] {
  const leftAlone = LEFT_ALONE[one.origin];
  return [
    ...(leftAlone === undefined ? [] : [leftAlone]),
    ...(one.origin === "managed" && !isForgotten(one, state.now) ? ["left to the AWS service that made it"] : []),
    ...(one.pinned ? ["pinned"] : []),
    ...(one.snapshot.startTime > state.now ? ["dated in the future"] : []),
    ...(one.snapshot.archived ? ["archived by somebody"] : []),
    ...(hasKnownState(one.snapshot) ? [] : [`its tag ${TAG.state} is none that we write`]),
  ];
}

/** Reasons that lie in its rank among the healthy ones. */
function rankReasons(one: Judged, rank: number, state: State, settings: RotationSettings): string[] {
  if (rank < 0) return [];
  const young = state.now - one.snapshot.startTime < settings.keepWithinDays * DAY_MILLISECONDS;
  return [
    ...(rank < settings.keepLast ? [`among the newest ${settings.keepLast} healthy ones`] : []),
    ...(rank < settings.minKeep ? [`never fewer than ${settings.minKeep} healthy ones`] : []),
    ...(young ? [`younger than ${settings.keepWithinDays} days`] : []),
  ];
}

/** The one rule that removes what nothing keeps. */
function removalRule(one: Judged, state: State): string {
  if (one.origin === "managed") return "DLM should have deleted it two days ago";
  if (one.snapshot.state === "error") return "EC2 failed to make it";
  if (one.snapshot.tags[TAG.state] === "building") return "taken of a volume in the middle of a build";
  if (one.snapshot.tags[TAG.state] === "rejected" || state.rejected.includes(one.content ?? "")) return "rejected";
  return "superseded";
}

/** The copy of what is promoted that lasts longest: it takes the promoted one's place, or is what a rollback goes to one day. */
function successorOf(judged: readonly Judged[], { target }: Promotion): Judged | undefined {
  if (!target || target.expiresAt === null) return undefined;
  return longestOf(judged, servedKey(target));
}

/** A decision for each of the judged, in their order. */
export function decideRetention(
  judged: readonly Judged[],
  promotion: Promotion,
  state: State,
  settings: RotationSettings,
): Decision[] {
  const healthy = judged.filter((one) => one.healthy);
  const ranks = new Map(healthy.map((one, index) => [one, index]));
  const predecessor = predecessorOf(judged, promotion.target && servedKey(promotion.target), state);
  const successor = successorOf(judged, promotion);
  const references = new Map<string, string[]>();
  for (const { snapshotId, by } of state.references)
    references.set(snapshotId, [...(references.get(snapshotId) ?? []), by]);
  return judged.map((one) => {
    const keep = [
      ...(one === promotion.target ? ["promoted"] : []),
      ...(one.snapshot.id === state.pointer.value && one !== promotion.target ? ["the pointer still names it"] : []),
      ...(one === promotion.waiting ? ["waits for fast snapshot restore"] : []),
      ...(one === predecessor ? ["what a rollback goes to"] : []),
      ...(one === successor && one !== promotion.target ? ["the copy of what is promoted that lasts longest"] : []),
      ...(references.get(one.snapshot.id) ?? []).map((by) => `referred to by ${by}`),
      ...ownReasons(one, state),
      ...rankReasons(one, ranks.get(one) ?? -1, state, settings),
    ];
    return { snapshotId: one.snapshot.id, keep, remove: keep.length === 0 ? removalRule(one, state) : null };
  });
}
