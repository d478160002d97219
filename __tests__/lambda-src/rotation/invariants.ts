/**
 * The invariants I1 to I14 of retention, each as a function that throws if a planner breaks it. They judge by the state alone, with an own, simpler
 * idea of what is healthy, and share no code with the planner.
 */
import { isDeepStrictEqual } from "node:util";
import { ACCOUNT, DAY, HOUR, NOW } from "../../../lab/fake/example-state";
import type { Plan, Snapshot, State } from "../../../lambda-src/rotation/types";
import { DLM_TAG, type RotationSettings, TAG } from "../../../lib/contract";
import { simulate } from "./simulate";

export type Planner = (state: State, settings: RotationSettings) => Plan;
/** `seed` is a random number for whatever else a property varies. */
export type Invariant = (planner: Planner, state: State, settings: RotationSettings, seed: number) => void;

function refuse(condition: boolean, what: string): void {
  if (condition) throw new Error(what);
}

const deleted = (plan: Plan): string[] =>
  plan.actions.flatMap((one) => (one.kind === "delete-snapshot" ? [one.snapshotId] : []));
const dated = (plan: Plan): string[] =>
  plan.actions.flatMap((one) => (one.kind === "tag-delete-after" ? one.snapshotIds : []));
const doomed = (plan: Plan): string[] => [...deleted(plan), ...dated(plan)];

const named = (state: State) => new Set([state.pointer, ...state.pointerHistory].map((one) => one.value));
const isOurs = (one: Snapshot, settings: RotationSettings) =>
  one.ownerId === ACCOUNT &&
  one.tags[TAG.name] === settings.name &&
  one.tags[TAG.architecture] === settings.architecture;

/** Whose snapshot it is, told as the design tells it: by what the histories name, and never by time. */
function isGenuine(one: Snapshot, state: State, settings: RotationSettings): boolean {
  const known = named(state).has(one.id) || state.knownVolumeIds.includes(one.volumeId);
  if (settings.copyFrom !== null)
    return known || settings.copyProof === "tags" || one.tags[DLM_TAG.policyId] !== undefined;
  return named(state).has(one.id) || (known && state.volumeId !== null);
}
/** May be promoted though the pointer never named it: of the present volume, or a copy. */
function isOfToday(one: Snapshot, state: State, settings: RotationSettings): boolean {
  if (settings.copyFrom !== null) return settings.copyProof === "tags" || one.tags[DLM_TAG.policyId] !== undefined;
  return one.volumeId === state.volumeId?.value && !isAwsMade(one);
}

/** Made by DLM of a volume that was ours, or copied by it when the region still copied. */
const isDlms = (one: Snapshot, state: State) =>
  isAwsMade(one) &&
  ((state.volumeId !== null && state.knownVolumeIds.includes(one.volumeId)) ||
    (one.volumeId === "vol-ffffffff" && one.tags[DLM_TAG.policyId] !== undefined));
const isAwsMade = (one: Snapshot) => Object.keys(one.tags).some((key) => key.startsWith("aws:"));

function isHealthy(one: Snapshot, state: State, settings: RotationSettings): boolean {
  const leftToDlm = settings.copyFrom === null && isAwsMade(one) && !isNamedCopy(one, state);
  return (
    isOurs(one, settings) &&
    isGenuine(one, state, settings) &&
    !leftToDlm &&
    one.state === "completed" &&
    !one.archived &&
    one.startTime <= state.now &&
    one.tags[TAG.state] === "ready" &&
    !state.rejected.includes(one.tags[TAG.content] ?? "?")
  );
}
/** Promoted, and not of the volume of today: it was copied here before the region built for itself. */
const isNamedCopy = (one: Snapshot, state: State) => state.volumeId?.value !== one.volumeId && named(state).has(one.id);

/** Snapshots whose deletion is decided and whose date has passed, whether or not the cap lets them go now. */
function due(plan: Plan, state: State): string[] {
  const date = (id: string) => Date.parse(state.snapshots.find((one) => one.id === id)?.tags[TAG.deleteAfter] ?? "");
  return plan.decisions
    .filter((one) => one.remove !== null && date(one.snapshotId) <= state.now)
    .map((one) => one.snapshotId);
}

/** When DLM deletes it, told as the design tells it. */
function endOf(one: Snapshot, state: State, settings: RotationSettings): number {
  const date = Date.parse(one.tags[DLM_TAG.expirationTime] ?? "");
  if (!Number.isNaN(date)) return date;
  const copied = one.tags[DLM_TAG.policyId] !== undefined;
  const byTags = settings.copyFrom !== null && settings.copyProof === "tags" && one.ownerId === state.accountId;
  return copied || byTags ? one.startTime + settings.copyRetentionDays * DAY : Number.POSITIVE_INFINITY;
}

/** I1: the promoted snapshot, the one that the pointer still names, what a rollback goes to, and pinned ones stay. */
export const i1: Invariant = (planner, state, settings) => {
  const plan = planner(state, settings);
  const find = (id: string) => state.snapshots.find((one) => one.id === id);
  const content = find(plan.promoted)?.tags[TAG.content];
  const end = (one: Snapshot) => endOf(one, state, settings);
  const fits = (one: Snapshot) => {
    const [store, engine] = (one.tags[TAG.store] ?? "").split("/");
    return store === settings.store && (settings.maxEngine === null || Number(engine) <= settings.maxEngine);
  };
  const served = new Set(
    state.snapshots
      .filter((one) => isOurs(one, settings) && named(state).has(one.id))
      .map((one) => one.tags[TAG.content]),
  );
  served.delete(undefined);
  const wasServed = (one: Snapshot) =>
    named(state).has(one.id) || (served.has(one.tags[TAG.content]) && isOfToday(one, state, settings));
  const previous = state.snapshots
    .filter((one) => one.id !== plan.promoted && wasServed(one) && isHealthy(one, state, settings))
    .filter((one) => end(one) > state.now + HOUR && fits(one))
    .filter((one) => plan.promoted === "none" || one.tags[TAG.content] !== content || content === undefined);
  // Something else that was served and can be served must be left, if there is any: J2 says which.
  const left = previous.filter((one) => !doomed(plan).includes(one.id));
  refuse(previous.length > 0 && left.length === 0, "nothing is left to roll back to");
  for (const id of doomed(plan)) {
    refuse(id === plan.promoted, `${id} is promoted`);
    refuse(id === state.pointer.value, `the pointer names ${id}`);
    refuse(find(id)?.tags[TAG.pin] !== undefined, `${id} is pinned`);
  }
};

/** I2: nothing without both tags, nothing of another account, nothing that is not genuine. */
export const i2: Invariant = (planner, state, settings) => {
  for (const id of doomed(planner(state, settings))) {
    const one = state.snapshots.find((snapshot) => snapshot.id === id) as Snapshot;
    refuse(!isOurs(one, settings), `${id} is not ours`);
    const forgotten =
      settings.copyFrom === null && isDlms(one, state) && endOf(one, state, settings) <= state.now - 2 * DAY;
    refuse(!isGenuine(one, state, settings) && !forgotten, `${id} is foreign`);
  }
};

/** I3: nothing that an AMI, a launch template, a volume in creation, a lock or a share needs. */
export const i3: Invariant = (planner, state, settings) => {
  const needed = new Set(state.references.map((one) => one.snapshotId));
  for (const id of doomed(planner(state, settings))) refuse(needed.has(id), `${id} is referred to`);
};

/** I4: if there were `minKeep` healthy ones, so many remain. If there were fewer, all of them do. */
export const i4: Invariant = (planner, state, settings) => {
  const plan = planner(state, settings);
  const healthy = state.snapshots.filter((one) => isHealthy(one, state, settings)).map((one) => one.id);
  const left = healthy.filter((id) => !doomed(plan).includes(id)).length;
  refuse(left < Math.min(settings.minKeep, healthy.length), `${left} of ${healthy.length} healthy ones left`);
};

/** I5: what is pending, failed or of the future is never promoted or counted as healthy, nor deleted before its date. */
export const i5: Invariant = (planner, state, settings) => {
  const plan = planner(state, settings);
  const healthy = state.snapshots.filter((one) => isHealthy(one, state, settings));
  refuse(
    plan.figures.healthySnapshots > healthy.length,
    `${plan.figures.healthySnapshots} counted, ${healthy.length} are`,
  );
  refuse(plan.promoted !== "none" && !healthy.some((one) => one.id === plan.promoted), `${plan.promoted} promoted`);
  for (const one of state.snapshots) {
    if (one.state === "pending" || one.state === "recovering" || one.startTime > state.now)
      refuse(doomed(plan).includes(one.id), `${one.id} is ${one.state}`);
    const date = Date.parse(one.tags[TAG.deleteAfter] ?? "");
    refuse(deleted(plan).includes(one.id) && !(date <= state.now), `${one.id} deleted before its date`);
  }
};

/** I6: every snapshot of the cache is decided once: kept for a reason or more, or removed by one rule. */
export const i6: Invariant = (planner, state, settings) => {
  const plan = planner(state, settings);
  const ours = state.snapshots.filter((one) => isOurs(one, settings)).map((one) => one.id);
  const decided = plan.decisions.map((one) => one.snapshotId);
  refuse(!isDeepStrictEqual([...ours].sort(), [...decided].sort()), `${ours} decided as ${decided}`);
  for (const { snapshotId, keep, remove } of plan.decisions) {
    refuse(keep.length === 0 && !remove, `${snapshotId}: neither reason nor rule`);
    refuse(keep.length > 0 && remove !== null, `${snapshotId}: kept and removed`);
  }
  for (const id of doomed(plan))
    refuse(!plan.decisions.some((one) => one.snapshotId === id && one.remove !== null), `${id} goes without a rule`);
};

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const keyed = list.map((item, index) => ({ item, key: Math.imul((index + 1) ^ (seed >>> 3), 0x9e3779b1) >>> 0 }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** I7: the order in which lists arrive changes nothing. */
export const i7: Invariant = (planner, state, settings, seed) => {
  const reordered: State = {
    ...state,
    snapshots: shuffled(state.snapshots, seed),
    launchTemplates: shuffled(state.launchTemplates, seed),
    fastRestores: shuffled(state.fastRestores, seed),
  };
  const essence = (plan: Plan) => [plan.promoted, plan.waiting, plan.actions, plan.decisions, plan.figures];
  refuse(
    !isDeepStrictEqual(essence(planner(state, settings)), essence(planner(reordered, settings))),
    "another order, another plan",
  );
};

/** I8: once a plan is carried out, the next one is empty. If the cap held something back, that takes a few rounds. */
export const i8: Invariant = (planner, state, settings) => {
  let now = state;
  for (let round = 0; round < 12; round++) {
    const { actions } = planner(now, settings);
    if (actions.length === 0) return;
    now = simulate(now, actions);
  }
  throw new Error("never comes to rest");
};

/** I9: settings that keep more never lose more. */
export const i9: Invariant = (planner, state, settings, seed) => {
  const more = {
    ...settings,
    keepLast: settings.keepLast + (seed % 3),
    minKeep: settings.minKeep + (seed % 2),
    keepWithinDays: settings.keepWithinDays + (seed % 7),
  };
  const before = due(planner(state, settings), state);
  for (const id of due(planner(state, more), state)) refuse(!before.includes(id), `${id} goes, though more is kept`);
};

/** I10: turning the clock back deletes nothing that later stays, except what is promoted, waits or is the way back by then. */
export const i10: Invariant = (planner, state, settings, seed) => {
  const earlier = { ...state, now: state.now - (seed % (8 * DAY)) };
  const later = planner(state, settings);
  for (const id of due(planner(earlier, settings), earlier)) {
    const decision = later.decisions.find((one) => one.snapshotId === id);
    const promoted = decision?.keep.some((why) => /promoted|rollback|waits/.test(why));
    refuse(!promoted && !due(later, state).includes(id), `${id} would have been deleted earlier, and is kept now`);
  }
};

/** I11: at most the cap, and the oldest of those that are due; those that were refused come last, the longest ago first. */
export const i11: Invariant = (planner, state, settings) => {
  const plan = planner(state, settings);
  const ours = state.snapshots.filter((one) => isOurs(one, settings)).length;
  const cap = Math.min(settings.maxDeletionsPerRun, Math.max(2, Math.floor(ours / 5)));
  refuse(deleted(plan).length > cap || dated(plan).length > cap, `more than ${cap} of ${ours}`);
  const age = (id: string) => state.snapshots.find((one) => one.id === id) as Snapshot;
  const refused = (id: string) => Date.parse(age(id).tags[TAG.deletionRefused] ?? "") || 0;
  const oldest = due(plan, state).sort(
    (a, b) => refused(a) - refused(b) || age(a).startTime - age(b).startTime || (a < b ? -1 : 1),
  );
  refuse(!isDeepStrictEqual(deleted(plan), oldest.slice(0, deleted(plan).length)), "not the oldest first");
};

/** I12: snapshots of the same moment are told apart by id, not by their place in the list. */
export const i12: Invariant = (planner, state, settings) => {
  const sameTime = { ...state, snapshots: state.snapshots.map((one) => ({ ...one, startTime: NOW - DAY })) };
  const reversed = { ...sameTime, snapshots: [...sameTime.snapshots].reverse() };
  const [one, other] = [planner(sameTime, settings), planner(reversed, settings)];
  refuse(
    !isDeepStrictEqual([one.promoted, one.decisions, one.actions], [other.promoted, other.decisions, other.actions]),
    "a tie",
  );
};

/** Settings that make no sense, one at a time. */
const NONSENSE: readonly Partial<Record<keyof RotationSettings, unknown>>[] = [
  { keepLast: 0 },
  { keepLast: Number.NaN },
  { keepLast: undefined },
  { minKeep: 1 },
  { deletionGraceHours: 23 },
  { maxDeletionsPerRun: 1 },
  { maxDeletionsPerRun: 21 },
  { cadenceHours: 0 },
  { cadenceHours: Number.POSITIVE_INFINITY },
  { name: "" },
];

/** I13: nonsense is an error, never "delete all". */
export const i13: Invariant = (planner, state, settings, seed) => {
  const nonsense = { ...settings, ...NONSENSE[seed % NONSENSE.length] } as RotationSettings;
  let plan: Plan | undefined;
  try {
    plan = planner(state, nonsense);
  } catch {
    return;
  }
  throw new Error(`a plan of ${plan.actions.length} actions from nonsense`);
};

/** I14: what belongs to others changes nothing. */
export const i14: Invariant = (planner, state, settings) => {
  const foreign = (one: { tags: State["snapshots"][number]["tags"] }) => ({ ...one.tags, [TAG.name]: "another" });
  const crowded: State = {
    ...state,
    snapshots: [
      ...state.snapshots,
      ...state.snapshots.map((one) => ({ ...one, id: `${one.id}f`, tags: foreign(one) })),
    ],
    volumes: [...state.volumes, ...state.volumes.map((one) => ({ ...one, id: `${one.id}f`, tags: foreign(one) }))],
    instances: [
      ...state.instances,
      ...state.instances.map((one) => ({ ...one, id: `${one.id}f`, tags: foreign(one) })),
    ],
    references: [...state.references, ...state.references.map((one) => ({ ...one, snapshotId: `${one.snapshotId}f` }))],
    fastRestores: [
      ...state.fastRestores,
      ...state.fastRestores.map((one) => ({ ...one, snapshotId: `${one.snapshotId}f` })),
    ],
  };
  refuse(!isDeepStrictEqual(planner(state, settings), planner(crowded, settings)), "others' resources change the plan");
};
