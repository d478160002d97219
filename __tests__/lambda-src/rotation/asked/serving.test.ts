import { DAY, HOUR, NOW, pointing, SETTINGS, snapshot, state } from "../../../../lab/fake/example-state";
import { chooseOrigin, type Serving, servingOf } from "../../../../lambda-src/rotation/asked/serving";
import { judge } from "../../../../lambda-src/rotation/plan/judge";
import type { State } from "../../../../lambda-src/rotation/types";

const [A, B, C] = [snapshot("1", 3 * DAY, "a"), snapshot("2", 2 * DAY, "b"), snapshot("3", DAY, "c")];
const writes = (...list: [value: string, hoursAgo: number][]): Pick<State, "rejectedWrites"> => ({
  rejectedWrites: list.map(([value, hoursAgo]) => ({ value, writtenAt: NOW - hoursAgo * HOUR })),
});

/** What is served, and what was rolled back from, as one line. */
function served(change: Partial<State>): string {
  const now = state(change);
  const { key, rolledBackFrom } = servingOf(judge(now, SETTINGS), now);
  return `${key} ${rolledBackFrom}`;
}

describe("what a region serves", () => {
  // `pointing` writes one value an hour, the last an hour ago.
  const back = pointing("snap-1", "snap-2", "snap-1");

  test.each<[string, string, Partial<State>]>([
    ["nothing yet", "null null", {}],
    ["a parameter without history", "null null", { pointerHistory: [] }],
    ["a promotion", "b null", { snapshots: [A, B], ...pointing("snap-1", "snap-2") }],
    ["a rollback", "a b", { snapshots: [A, B], ...back, ...writes(["none", 9], ["b", 1.5]) }],
    ["the same, and what was left is deleted", "a b", { snapshots: [A], ...back, ...writes(["none", 9], ["b", 1.5]) }],
    [
      "the same, and another content was rejected since",
      "a b",
      { snapshots: [A, B], ...back, ...writes(["none", 9], ["b", 1.5], ["z\nb", 0.5]) },
    ],
    [
      "a rollback, then a promotion",
      "c null",
      { snapshots: [A, B, C], ...pointing("snap-1", "snap-2", "snap-1", "snap-3"), ...writes(["b", 2.5]) },
    ],
    [
      "a rollback, then another copy of the same",
      "a b",
      {
        snapshots: [A, B, snapshot("4", HOUR, "a")],
        ...pointing("snap-1", "snap-2", "snap-1", "snap-4"),
        ...writes(["none", 9], ["b", 2.5]),
      },
    ],
    ["a person's promotion of an older one", "a null", { snapshots: [A, B], ...back, ...writes(["none", 9]) }],
    [
      "the content was rejected elsewhere, long after it was superseded",
      "c null",
      {
        snapshots: [A, B, C],
        ...pointing("snap-2", "snap-3"),
        ...writes(["none", 9], ["b", 0.5]),
      },
    ],
    [
      "another content was rejected meanwhile",
      "c null",
      { snapshots: [B, C], ...pointing("snap-2", "snap-3"), ...writes(["z", 1.5]) },
    ],
    [
      "the same, and what was before is deleted",
      "c null",
      {
        snapshots: [snapshot("3", HOUR / 2, "c")],
        ...pointing("snap-2", "snap-3"),
        ...writes(["z", 1.5]),
      },
    ],
    [
      "a rollback that was not carried out, then a promotion",
      "c null",
      { snapshots: [A, B, C], ...pointing("snap-1", "snap-2", "snap-3"), ...writes(["none", 9], ["b", 1.5]) },
    ],
    [
      "a rollback, then another copy of the same, and the copy that it went to is gone",
      "a b",
      {
        snapshots: [snapshot("4", 2 * DAY, "a")],
        ...pointing("snap-2", "snap-1", "snap-4"),
        ...writes(["none", 9], ["b", 2.5]),
      },
    ],
    [
      "a rollback to one that is newer, and had been served before",
      "b a",
      { snapshots: [A, B], ...pointing("snap-2", "snap-1", "snap-2"), ...writes(["none", 9], ["a", 1.5]) },
    ],
    [
      "a rollback to nothing",
      "null b",
      { snapshots: [B], ...pointing("snap-2", "none"), ...writes(["none", 9], ["b", 1.5]) },
    ],
    [
      "a rollback to nothing, all deleted",
      "null b",
      { ...pointing("snap-2", "none"), ...writes(["none", 9], ["b", 1.5]) },
    ],
    ["withdrawn, since all was deleted", "null null", { ...pointing("snap-2", "none"), ...writes(["none", 9]) }],
  ])("after %s", (_name, expected, change) => {
    expect(served(change)).toBe(expected);
  });
});

const serves = (key: string | null, rolledBackFrom: string | null = null): Serving => ({ key, rolledBackFrom });

describe("what a rollback goes from that does not say it", () => {
  test.each<[string, (string | null)[] | null, Serving[]]>([
    ["what all regions serve", ["b", "b"], [serves("b"), serves("b")]],
    ["different contents: it has to be said", null, [serves("c"), serves("b")]],
    ["one serves nothing", ["b", "b"], [serves("b"), serves(null)]],
    ["none serves anything", [null, null], [serves(null), serves(null)]],
    ["rolled back everywhere: complete", ["b", "b"], [serves("a", "b"), serves("a", "b")]],
    ["rolled back in one region alone: the other follows", ["b", "b"], [serves("a", "b"), serves("b")]],
    ["one had not received it yet", ["b", "b"], [serves("a", "b"), serves("a")]],
    ["promoted since then in one region", null, [serves("a", "b"), serves("c")]],
    ["rolled back from different contents, nothing else served", ["b", "c"], [serves("a", "b"), serves("a", "c")]],
    ["to nothing", ["b", "b"], [serves(null, "b"), serves("a", "b")]],
  ])("%s", (_name, expected, regions) => {
    expect(chooseOrigin(regions)).toEqual(expected);
  });
});
