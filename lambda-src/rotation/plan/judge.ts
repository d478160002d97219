/** Judges which snapshots are genuine, healthy, promotable. Our tags prove nothing: anyone who may write tags can write them. */

import { DLM_TAG, POINTER_NONE, type RotationSettings, STATES, TAG } from "../../../lib/contract";
import { HOUR_MILLISECONDS } from "../../../lib/time";
import { isOurs } from "../ownership";
import type { Snapshot, State } from "../types";

/**
 * Origin of a snapshot.
 * - `proven`: of this cache, for certain.
 * - `former`: of a former volume of this cache, or once promoted: kept, deleted and rolled back to as ours, never newly promoted.
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
  /** Servable, and not about to expire. */
  readonly promotable: boolean;
  /** Time at which DLM deletes it; null: never. */
  readonly expiresAt: number | null;
}

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
  if (volumeId === null) return named ? "former" : managed ? "managed" : "unjudged";
  if (snapshot.volumeId === volumeId.value) return managed ? "managed" : "proven";
  // Named and made by DLM: a copy from when the region still copied. It serves until the first build here does.
  if (named) return "former";
  if (snapshot.startTime >= volumeId.writtenAt) return "foreign";
  return managed ? "managed" : "former";
}

function originWhereCopied(snapshot: Snapshot, state: State, settings: RotationSettings, named: boolean): Origin {
  if (settings.copyProof === "tags" || snapshot.tags[DLM_TAG.policyId] !== undefined) return "proven";
  const volumeId = state.volumeId;
  const builtHere = volumeId !== null && snapshot.startTime < volumeId.writtenAt;
  if (named || builtHere || snapshot.volumeId === volumeId?.value) return "former";
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
  const expiresAt = parseTime(snapshot.tags[DLM_TAG.expirationTime]);
  const lasting = expiresAt === null || expiresAt - state.now >= 2 * settings.cadenceHours * HOUR_MILLISECONDS;
  const promotable = servable && lasting && (origin === "proven" || named);
  const pinned = snapshot.tags[TAG.pin] !== undefined;
  return { snapshot, origin, named, pinned, content, healthy, servable, promotable, expiresAt };
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

/** Returns the snapshot that a rollback goes to: the newest promotable one of other content that the pointer has named. */
export function predecessorOf(judged: readonly Judged[], promoted: Judged | undefined): Judged | undefined {
  return judged.find(
    (one) =>
      one.named && one.promotable && one !== promoted && (promoted === undefined || one.content !== promoted.content),
  );
}
