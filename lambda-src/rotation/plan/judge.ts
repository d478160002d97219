/** Judges which snapshots are genuine, healthy, promotable. Our tags prove nothing: anyone who may write tags can write them. */

import { DLM_TAG, POINTER_NONE, type RotationSettings, STATES, TAG } from "../../../lib/contract";
import { DAY_MILLISECONDS, HOUR_MILLISECONDS, MINUTE_MILLISECONDS } from "../../../lib/time";
import { isOurs } from "../ownership";
import type { Snapshot, State } from "../types";

/**
 * Origin of a snapshot.
 * - `proven`: of this cache, for certain.
 * - `former`: of a volume that `volume-id` once named, or once promoted: kept, deleted and rolled back to as ours, never newly
 *   promoted. Time proves nothing, so what the histories do not name is foreign.
 * - `managed`: made by DLM or another AWS service in the region that builds; left to it.
 * - `unproven`: would be a candidate in a copying region if it had DLM's proof.
 * - `foreign`: claims to be ours and is not.
 * - `unjudged`: nothing says which volume is ours yet.
 * - `pending`: EC2 has not finished it.
 */
export type Origin = "proven" | "former" | "managed" | "unproven" | "foreign" | "unjudged" | "pending";

export interface Judged {
  readonly snapshot: Snapshot;
  readonly origin: Origin;
  /** The pointer names it or once did. */
  readonly named: boolean;
  readonly pinned: boolean;
  /** Hash of the images; undefined if the tag is missing. */
  readonly content: string | undefined;
  /** Completed, ready, proven (or former), of no rejected content. */
  readonly healthy: boolean;
  /** Healthy, of the configured store and engine: a worker may be given it. */
  readonly servable: boolean;
  /** Servable, proven or once promoted, and DLM does not delete it within the hour: what is promoted stays, a rollback may go there. */
  readonly holdable: boolean;
  /** Holdable, and with enough life left to be promoted anew. */
  readonly promotable: boolean;
  /** Time at which DLM deletes it; null: never. */
  readonly expiresAt: number | null;
  /** That time is not on the snapshot: it is what the settings say of copies. */
  readonly reckoned: boolean;
}

/** EC2 gives a copy no volume; it shows this id, or, as the API's reference says, an arbitrary one. */
const COPIED_VOLUME = "vol-ffffffff";

/** What expires within this time counts as gone: a template that names it must be written before DLM deletes it. */
const GONE_MILLISECONDS = HOUR_MILLISECONDS;

/** Returns the milliseconds of a date in a tag, or null if there is none or it is not a date. */
export function parseTime(text: string | undefined): number | null {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? null : time;
}

/** Newest first; equal times by id, so that the order never depends on the list. 0 only for one and the same. */
export function newestFirst(a: Judged, b: Judged): number {
  if (a.snapshot.startTime !== b.snapshot.startTime) return b.snapshot.startTime - a.snapshot.startTime;
  if (a.snapshot.id === b.snapshot.id) return 0;
  return a.snapshot.id < b.snapshot.id ? 1 : -1;
}

function originWhereBuilt(snapshot: Snapshot, state: State, named: boolean): Origin {
  const managed = Object.keys(snapshot.tags).some((key) => key.startsWith("aws:"));
  const volumeId = state.volumeId;
  if (snapshot.volumeId === volumeId?.value) return managed ? "managed" : "proven";
  // Named and made by DLM: a copy from when the region still copied. It serves until the first build here does.
  if (named) return "former";
  // A copy from when the region still copied, as proven as it was then; DLM deletes it.
  if (snapshot.volumeId === COPIED_VOLUME && snapshot.tags[DLM_TAG.policyId] !== undefined) return "managed";
  if (volumeId === null) return "unjudged";
  if (!state.knownVolumeIds.includes(snapshot.volumeId)) return "foreign";
  return managed ? "managed" : "former";
}

function originWhereCopied(snapshot: Snapshot, state: State, settings: RotationSettings, named: boolean): Origin {
  if (settings.copyProof === "tags" || snapshot.tags[DLM_TAG.policyId] !== undefined) return "proven";
  if (named || state.knownVolumeIds.includes(snapshot.volumeId)) return "former";
  return snapshot.tags[TAG.state] === "ready" ? "unproven" : "foreign";
}

function originOf(snapshot: Snapshot, state: State, settings: RotationSettings, named: boolean): Origin {
  if (snapshot.state !== "completed" && snapshot.state !== "error") return "pending";
  return settings.copyFrom === null
    ? originWhereBuilt(snapshot, state, named)
    : originWhereCopied(snapshot, state, settings, named);
}

/** True if a store tag fits the workers: `overlay2/25` is of the store overlay2 and engine 25. */
function fitsWorkers(storeTag: string | undefined, settings: RotationSettings): boolean {
  const [store, engine] = (storeTag ?? "").split("/");
  if (store !== settings.store) return false;
  return settings.maxEngine === null || Number.parseInt(engine ?? "", 10) <= settings.maxEngine;
}

/** The promise of a state tag that a later version may write: unknown ones are left alone. */
export function hasKnownState(snapshot: Snapshot): boolean {
  return (STATES as readonly string[]).includes(snapshot.tags[TAG.state] ?? "");
}

/** Time at which DLM deletes a copy; if its own date is missing or cannot be read, it is reckoned. null: nobody deletes it. */
function expiryOf(snapshot: Snapshot, origin: Origin, settings: RotationSettings): number | null {
  const date = parseTime(snapshot.tags[DLM_TAG.expirationTime]);
  if (date !== null) return date;
  const copied = snapshot.tags[DLM_TAG.policyId] !== undefined || (settings.copyFrom !== null && origin === "proven");
  return copied ? snapshot.startTime + settings.copyRetentionDays * DAY_MILLISECONDS : null;
}

/** Two cadences, in which something newer should arrive; a third of its life if that is less, so that each may serve. */
function hasLife({ startTime }: Snapshot, expiresAt: number | null, now: number, settings: RotationSettings): boolean {
  if (expiresAt === null) return true;
  const enough = Math.min(2 * settings.cadenceHours * HOUR_MILLISECONDS, (expiresAt - startTime) / 3);
  return expiresAt - now >= enough;
}

function judgeOne(snapshot: Snapshot, state: State, settings: RotationSettings, named: boolean): Judged {
  const origin = originOf(snapshot, state, settings, named);
  const content = snapshot.tags[TAG.content];
  const healthy =
    snapshot.state === "completed" &&
    !snapshot.archived &&
    snapshot.startTime <= state.now &&
    snapshot.tags[TAG.state] === "ready" &&
    (origin === "proven" || origin === "former") &&
    !(content !== undefined && state.rejected.includes(content));
  const servable = healthy && fitsWorkers(snapshot.tags[TAG.store], settings);
  const expiresAt = expiryOf(snapshot, origin, settings);
  const gone = expiresAt !== null && expiresAt <= state.now + goneWithin(settings);
  const holdable = servable && !gone && (origin === "proven" || named);
  const promotable = holdable && hasLife(snapshot, expiresAt, state.now, settings);
  const pinned = snapshot.tags[TAG.pin] !== undefined;
  const reckoned = expiresAt !== null && parseTime(snapshot.tags[DLM_TAG.expirationTime]) === null;
  return { snapshot, origin, named, pinned, content, healthy, servable, holdable, promotable, expiresAt, reckoned };
}

/** Two runs at least, so that one that fails does no harm. */
function goneWithin({ reconcileMinutes }: RotationSettings): number {
  return Math.max(GONE_MILLISECONDS, 2 * reconcileMinutes * MINUTE_MILLISECONDS);
}

/** Every snapshot of this cache, judged, newest first. Others are not in it. */
export function judge(state: State, settings: RotationSettings): Judged[] {
  const named = new Set([state.pointer.value, ...state.pointerHistory.map((entry) => entry.value)]);
  named.delete(POINTER_NONE);
  return state.snapshots
    .filter((snapshot) => snapshot.ownerId === state.accountId && isOurs(snapshot.tags, settings))
    .map((snapshot) => judgeOne(snapshot, state, settings, named.has(snapshot.id)))
    .sort(newestFirst);
}

/** True of all except what only claims to be ours. */
export const isOurBusiness = (one: Judged) => one.origin !== "foreign" && one.origin !== "unproven";

/** What tells apart what is served: the content, or, of a snapshot without one, its id. */
export function servedKey({ content, snapshot }: Judged): string {
  return content ?? snapshot.id;
}

/** Time at which it ends, for comparing. */
export const endOf = ({ expiresAt }: Judged) => expiresAt ?? Number.POSITIVE_INFINITY;

/** The one that lasts longest; of those that last equally long the first, which is the newest. */
export function longestLived(judged: readonly Judged[]): Judged | undefined {
  return judged.reduce<Judged | undefined>((best, one) => (best && endOf(best) >= endOf(one) ? best : one), undefined);
}

/** Of what is served under a key, the snapshot that lasts longest and can be held. */
export function longestOf(judged: readonly Judged[], key: string): Judged | undefined {
  return longestLived(judged.filter((one) => one.holdable && servedKey(one) === key));
}

/**
 * Returns the snapshot that a rollback from `left` goes to. What is kept to go back to is a content: the last other one that was
 * served and can be served still. Of its snapshots, which may be copies that the pointer never named, it is the one that lasts
 * longest. `judged` is newest first.
 */
export function predecessorOf(
  judged: readonly Judged[],
  left: string | undefined,
  { pointerHistory }: Pick<State, "pointerHistory">,
): Judged | undefined {
  const byId = new Map(judged.map((one) => [one.snapshot.id, one]));
  for (const { value } of [...pointerHistory].reverse()) {
    const served = byId.get(value);
    if (!served || servedKey(served) === left) continue;
    const found = longestOf(judged, servedKey(served));
    if (found) return found;
  }
  return undefined;
}
