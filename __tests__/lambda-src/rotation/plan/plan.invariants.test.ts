/** R1: no violation of I1 to I14 in 10,000 random states each, and a planted fault per invariant that it catches. */
import fc from "fast-check";
import { ACCOUNT, NOW, OURS, SETTINGS } from "../../../../lab/fake/example-state";
import { plan } from "../../../../lambda-src/rotation/plan/plan";
import type { State } from "../../../../lambda-src/rotation/types";
import { TAG } from "../../../../lib/contract";
import { arbitrarySettings, arbitraryState, RUNS } from "../arbitrary-state";
import type { Invariant, Planner } from "../invariants";
import * as invariants from "../invariants";

/** The real planner, blind to something: what it would do if a step forgot to look there. */
const blind =
  (change: (state: State) => State): Planner =>
  (state, settings) =>
    plan(change(state), settings);

const retagged = (
  state: State,
  change: (tags: Record<string, string>, index: number) => Record<string, string>,
): State => ({
  ...state,
  snapshots: state.snapshots.map((one, index) => ({ ...one, tags: change({ ...one.tags }, index) })),
});

const drop = (key: string) => (tags: Record<string, string>) =>
  Object.fromEntries(Object.entries(tags).filter(([one]) => one !== key));

const CASES: readonly [name: string, fault: string, invariant: Invariant, faulty: Planner][] = [
  ["I1", "forgets pins", invariants.i1, blind((state) => retagged(state, drop(TAG.pin)))],
  [
    "I1",
    "forgets the pointer's history",
    invariants.i1,
    blind((state) => ({ ...state, pointerHistory: [state.pointer] })),
  ],
  ["I2", "takes tags for proof", invariants.i2, blind((state) => retagged(state, (tags) => ({ ...tags, ...OURS })))],
  [
    "I2",
    "does not ask who owns a snapshot",
    invariants.i2,
    blind((state) => ({ ...state, snapshots: state.snapshots.map((one) => ({ ...one, ownerId: ACCOUNT })) })),
  ],
  ["I3", "forgets references", invariants.i3, blind((state) => ({ ...state, references: [] }))],
  ["I4", "ignores minKeep", invariants.i4, (state, settings) => plan(state, { ...settings, minKeep: 2, keepLast: 1 })],
  [
    "I5",
    "takes pending for completed",
    invariants.i5,
    blind((state) => ({ ...state, snapshots: state.snapshots.map((one) => ({ ...one, state: "completed" })) })),
  ],
  [
    "I6",
    "forgets to give a reason",
    invariants.i6,
    (state, settings) => {
      const made = plan(state, settings);
      return { ...made, decisions: made.decisions.map((one) => ({ ...one, keep: one.keep.slice(1) })) };
    },
  ],
  [
    "I7",
    "reads the first five only",
    invariants.i7,
    blind((state) => ({ ...state, snapshots: state.snapshots.slice(0, 5) })),
  ],
  ["I8", "does not see its own dates", invariants.i8, blind((state) => retagged(state, drop(TAG.deleteAfter)))],
  [
    "I9",
    "keeps the fewer the more is asked for",
    invariants.i9,
    (state, settings) =>
      plan(state, { ...settings, keepLast: Math.max(1, 6 - settings.keepLast), minKeep: 2, keepWithinDays: 0 }),
  ],
  ["I10", "counts time backwards", invariants.i10, blind((state) => ({ ...state, now: 2 * NOW - state.now }))],
  [
    "I11",
    "deletes the newest first",
    invariants.i11,
    (state, settings) => {
      const made = plan(state, settings);
      return { ...made, actions: [...made.actions].reverse() };
    },
  ],
  [
    "I11",
    "knows no cap",
    invariants.i11,
    (state, settings) => {
      const made = plan(state, settings);
      const all = made.decisions.filter((one) => one.remove).map((one) => one.snapshotId);
      return { ...made, actions: [{ kind: "tag-delete-after", snapshotIds: all, deleteAfter: "", reason: "" }] };
    },
  ],
  [
    "I12",
    "breaks ties by place",
    invariants.i12,
    blind((state) => ({
      ...state,
      snapshots: state.snapshots.map((one, index) => ({ ...one, startTime: one.startTime - index })),
    })),
  ],
  [
    "I13",
    "falls back to defaults",
    invariants.i13,
    (state, settings) => plan(state, { ...SETTINGS, architecture: settings.architecture }),
  ],
  [
    "I14",
    "looks at one tag alone",
    invariants.i14,
    blind((state) => retagged(state, (tags) => ({ ...tags, [TAG.name]: "ci" }))),
  ],
];

/** The property over random states; the seed varies what the state does not say. */
function property(invariant: Invariant, planner: Planner) {
  return fc.property(arbitraryState, arbitrarySettings, fc.nat(), (state, settings, seed) =>
    invariant(planner, state, settings, seed),
  );
}

/** The planner, which is asked once about the same state with the same settings: most invariants ask just that. */
function remembering(planner: Planner): Planner {
  const known = new WeakMap<State, WeakMap<Parameters<Planner>[1], ReturnType<Planner>>>();
  return (state, settings) => {
    const ofState = known.get(state) ?? new WeakMap();
    known.set(state, ofState);
    const made = ofState.get(settings) ?? planner(state, settings);
    ofState.set(settings, made);
    return made;
  };
}

describe("R1 invariants of retention", () => {
  const once = CASES.filter(([name], index) => CASES.findIndex((one) => one[0] === name) === index);

  test(`${once[0]![0]} to ${once.at(-1)![0]} hold in ${RUNS.toLocaleString("en-US")} random states`, () => {
    expect(once.map(([name]) => name)).toEqual(Array.from({ length: 14 }, (_, index) => `I${index + 1}`));
    const planner = remembering(plan);
    const all = fc.property(arbitraryState, arbitrarySettings, fc.nat(), (state, settings, seed) => {
      for (const [name, , invariant] of once) {
        try {
          invariant(planner, state, settings, seed);
        } catch (error) {
          throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
        }
      }
    });
    fc.assert(all, { numRuns: RUNS });
  });

  test.each(CASES)("%s catches a planner that %s", (_name, _fault, invariant, faulty) => {
    const result = fc.check(property(invariant, faulty), { numRuns: 2_000, endOnFailure: true, seed: 1 });
    expect(result.failed).toBe(true);
  });
});
