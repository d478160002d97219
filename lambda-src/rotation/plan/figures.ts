/** The figures that the alarms watch. */

import { POINTER_NONE, type RotationSettings, TAG } from "../../../lib/contract";
import { HOUR_MILLISECONDS } from "../../../lib/time";
import { tagProblems } from "../template-tags";
import type { Figures, State, Tags } from "../types";
import type { Deletion } from "./deletion";
import { expiringReferences } from "./expiring";
import { endOf, type Judged, parseTime, servedKey } from "./judge";
import type { Promotion } from "./promotion";
import type { Sweep } from "./sweep";

const GIB = 1024 ** 3;

/** Returns when a build last found nothing to do, if its content is the promoted one or a rejected one. */
function checkedAt(tags: Tags, promoted: Judged | undefined, state: State): number {
  const content = tags[TAG.content];
  const counts = content !== undefined && (content === promoted?.content || state.rejected.includes(content));
  const time = counts ? parseTime(tags[TAG.checked]) : null;
  return time !== null && time <= state.now ? time : 0;
}

/** A build on its way: EC2 has not finished its snapshot, or it waits for fast restore. Until it arrives, nothing is late. */
function onItsWay(one: Judged, promotion: Promotion, state: State, settings: RotationSettings): boolean {
  if (one === promotion.waiting) return true;
  const fromHere = settings.copyFrom !== null || one.snapshot.volumeId === state.volumeId?.value;
  return one.snapshot.state === "pending" && fromHere && one.snapshot.startTime <= state.now;
}

/**
 * Returns the hours since the latest of three times, or null if a region that builds waits for its volume. They are pointer
 * creation, the promoted build or one on its way, and a `checked` that counts. The `checked` is on the volume, or in copying
 * regions on the copies, which bear the volume's tags.
 */
function ageHours(
  promotion: Promotion,
  judged: readonly Judged[],
  state: State,
  settings: RotationSettings,
): number | null {
  if (settings.copyFrom === null && state.volumeId === null) return null;
  const trusted = judged.filter((one) => one.origin === "proven" || one.origin === "managed");
  const sources = [
    ...state.volumes.filter((one) => one.id === state.volumeId?.value),
    ...trusted.map((one) => one.snapshot),
  ];
  const builds = judged.filter((one) => one === promotion.target || onItsWay(one, promotion, state, settings));
  const latest = [
    state.pointerHistoryComplete ? (state.pointerHistory[0]?.writtenAt ?? 0) : 0,
    ...builds.map((one) => one.snapshot.startTime),
    ...sources.map((one) => checkedAt(one.tags, promotion.target, state)),
  ].reduce((a, b) => Math.max(a, b));
  return Math.max(0, state.now - latest) / HOUR_MILLISECONDS;
}

/**
 * Returns the hours until what is served expires and nothing can take its place: the life of the longest-lived snapshot of its
 * content, or of one that is about to be promoted. null: it never expires, or nothing is served.
 */
function servedLifeHours({ target, waiting }: Promotion, judged: readonly Judged[], state: State): number | null {
  if (!target) return null;
  // A pin keeps everything else from its place, copies of the same content too.
  const heirs = target.pinned
    ? []
    : judged.filter((one) => one === waiting || (one.holdable && servedKey(one) === servedKey(target)));
  const last = Math.max(...[target, ...heirs].map(endOf));
  return Number.isFinite(last) ? (last - state.now) / HOUR_MILLISECONDS : null;
}

function freeGrowthGib(promoted: Judged | undefined): number | null {
  const snapshot = promoted?.snapshot;
  if (!snapshot || snapshot.fullSizeBytes === null) return null;
  return Math.max(0, snapshot.volumeSizeGib - snapshot.fullSizeBytes / GIB);
}

export interface Parts {
  readonly judged: readonly Judged[];
  readonly promotion: Promotion;
  readonly deletion: Deletion;
  readonly sweep: Sweep;
}

export function computeFigures(parts: Parts, state: State, settings: RotationSettings): Figures {
  const { judged, promotion, deletion, sweep } = parts;
  const count = (holds: (one: Judged) => boolean) => judged.filter(holds).length;
  const everNamed = state.pointerHistory.some((entry) => entry.value !== POINTER_NONE);
  return {
    promotedAgeHours: ageHours(promotion, judged, state, settings),
    failedBuilds: settings.copyFrom === null ? sweep.failedBuilds : null,
    foreign: count((one) => one.origin === "foreign") + sweep.rivals.length,
    unprovenCopies: settings.copyFrom === null ? null : count((one) => one.origin === "unproven"),
    snapshots: judged.length,
    healthySnapshots: count((one) => one.healthy),
    overdueDeletions: deletion.due.length,
    overdueHours: deletion.overdueHours,
    orphans: sweep.orphans,
    withdrawn: promotion.target === undefined && everNamed ? 1 : 0,
    servedLifeHours: servedLifeHours(promotion, judged, state),
    expiringReferences: state.referencesOf !== "none" ? expiringReferences(judged, state).length : null,
    templateProblems: state.launchTemplates.filter((one) => tagProblems(one, promotion.target?.snapshot).length > 0)
      .length,
    freeGrowthGib: freeGrowthGib(promotion.target),
  };
}
