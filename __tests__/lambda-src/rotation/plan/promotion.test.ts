import { COPYING, copy, DAY, HOUR, NOW, pointing, SETTINGS, snapshot, state } from "../../../../lab/fake/example-state";
import { judge } from "../../../../lambda-src/rotation/plan/judge";
import { plan } from "../../../../lambda-src/rotation/plan/plan";
import { decidePromotion } from "../../../../lambda-src/rotation/plan/promotion";
import type { State } from "../../../../lambda-src/rotation/types";
import { DLM_TAG, type RotationSettings, TAG } from "../../../../lib/contract";

function decide(change: Partial<State>, settings: RotationSettings = SETTINGS) {
  const now = state(change);
  const { target, waiting, reason } = decidePromotion(judge(now, settings), now, settings);
  return { target: target?.snapshot.id, waiting: waiting?.snapshot.id, reason };
}

/** `rejected` was written at these times. */
const written = (...times: number[]) => ({
  rejectedWrites: times.map((writtenAt) => ({ value: "c", writtenAt })),
});

const PINNED = { tags: { [TAG.pin]: "promoted" } };
const [OLD, MIDDLE, NEW] = [snapshot("1", 3 * DAY, "a"), snapshot("2", 2 * DAY, "b"), snapshot("3", HOUR, "c")];

test.each<[string, string | undefined, RegExp, Partial<State>]>([
  ["the first", "snap-1", /nothing is promoted/, { snapshots: [OLD] }],
  ["nothing there", undefined, /nothing is promoted; and nothing else can be/, {}],
  ["a newer one", "snap-3", /newer than snap-1/, { snapshots: [OLD, NEW], ...pointing("snap-1") }],
  ["the newest already", "snap-3", /the newest that can be promoted/, { snapshots: [OLD, NEW], ...pointing("snap-3") }],
  [
    "the same content again",
    "snap-1",
    /snap-2 holds the same content/,
    { snapshots: [OLD, snapshot("2", HOUR, "a")], ...pointing("snap-1") },
  ],
  [
    "no content to compare",
    "snap-2",
    /newer/,
    {
      snapshots: [OLD, snapshot("2", HOUR, "a", { tags: { [TAG.content]: undefined as never } })],
      ...pointing("snap-1"),
    },
  ],
  [
    "deleted by somebody",
    "snap-2",
    /snap-3 is gone or can no longer serve; this is the newest/,
    { snapshots: [OLD, MIDDLE], ...pointing("snap-3") },
  ],
  ["deleted, and the only one", undefined, /snap-3 is gone.*and nothing else/, { ...pointing("snap-3") }],
  [
    "rejected",
    "snap-2",
    /can no longer serve/,
    { snapshots: [OLD, MIDDLE, NEW], rejected: ["c"], ...pointing("snap-3") },
  ],
  [
    "pinned",
    "snap-1",
    /pinned/,
    { snapshots: [{ ...OLD, tags: { ...OLD.tags, ...PINNED.tags } }, NEW], ...pointing("snap-1") },
  ],
  ["a pointer that names no snapshot id", "snap-3", /gone/, { snapshots: [NEW], ...pointing("garbage") }],
])("%s", (_name, target, reason, change) => {
  const decided = decide(change);
  expect(decided.target).toBe(target);
  expect(decided.reason).toMatch(reason);
});

test("after a rollback, what lies between the two is not promoted, nor anything older; the next build is", () => {
  const rolledBack = { rejected: ["c"], ...written(NOW - HOUR), ...pointing("snap-1", "snap-3", "snap-1") };
  expect(decide({ snapshots: [OLD, MIDDLE, NEW], ...rolledBack }).target).toBe("snap-1");
  // The same when the snapshot that was left has been deleted: then the time counts at which it was promoted.
  expect(decide({ snapshots: [OLD, MIDDLE], ...rolledBack }).target).toBe("snap-1");
  const next = snapshot("4", 0, "d");
  expect(decide({ snapshots: [OLD, MIDDLE, NEW, next], ...rolledBack }).target).toBe("snap-4");
});

test("after a rollback to none, the rejection of another content elsewhere changes nothing", () => {
  const asked = { rejected: ["z", "c"], ...written(NOW - HOUR - 1, NOW), ...pointing("snap-3", "none") };
  expect(decide({ snapshots: [OLD, MIDDLE, NEW], ...asked }).target).toBeUndefined();
});

describe("after a rollback to none", () => {
  const asked = { rejected: ["c"], ...written(NOW - HOUR - 1), ...pointing("snap-3", "none") };

  test("what was made before the snapshot that was left stays out", () => {
    expect(decide({ snapshots: [OLD, MIDDLE, NEW], ...asked }).target).toBeUndefined();
    expect(decide({ snapshots: [OLD, MIDDLE], ...asked }).target).toBeUndefined();
    expect(decide({ snapshots: [OLD, snapshot("4", 0, "d")], ...asked }).target).toBe("snap-4");
  });

  test("where the pointer went to none by itself, older ones are welcome again", () => {
    expect(decide({ snapshots: [OLD], ...pointing("snap-3", "none") }).target).toBe("snap-1");
    expect(decide({ snapshots: [OLD], ...asked, ...written(NOW - 90 * DAY) }).target).toBe("snap-1");
    expect(decide({ snapshots: [OLD], ...asked, ...written(NOW) }).target).toBe("snap-1");
    expect(decide({ snapshots: [OLD], ...asked, rejectedWrites: [] }).target).toBe("snap-1");
    expect(decide({ snapshots: [OLD], ...asked, ...pointing("snap-3", "none", "none") }).target).toBe("snap-1");
  });
});

describe("copies that expire", () => {
  const worn = copy("1", 10 * DAY, "a");
  const fresh = copy("2", DAY, "a");

  test("an equal copy is taken over when less than a third of the retention is left", () => {
    const at = (age: number) => decide({ snapshots: [copy("1", age, "a"), fresh], ...pointing("snap-1") }, COPYING);
    expect(at(9 * DAY).target).toBe("snap-1");
    expect(at(10 * DAY)).toMatchObject({ target: "snap-2", reason: expect.stringMatching(/less than a third/) });
  });

  test("an equal copy that lasts no longer is not taken over", () => {
    const snapshots = [worn, copy("2", DAY, "a", 5)];
    expect(decide({ snapshots, ...pointing("snap-1") }, COPYING).target).toBe("snap-1");
    const forever = snapshot("3", 20 * DAY, "a", { volumeId: "v" });
    const named = { snapshots: [worn, forever], ...pointing("snap-3", "snap-1") };
    expect(decide(named, COPYING).target).toBe("snap-3");
  });

  test("after a rollback, a copy of what is served takes over though a newer one was named", () => {
    const bad = copy("3", 2 * DAY, "b");
    const rolledBack = { ...pointing("snap-1", "snap-3", "snap-1"), rejected: ["b"], ...written(NOW - 1.5 * HOUR) };
    const longer = copy("4", 4 * DAY, "a");
    expect(decide({ snapshots: [worn, bad, longer], ...rolledBack }, COPYING).target).toBe("snap-4");
  });

  test("one that is about to expire stays as long as nothing better is there, and goes an hour before its end", () => {
    const left = (hours: number) => copy("1", 14 * DAY - hours * HOUR, "a");
    const at = (hours: number, ...others: State["snapshots"]) =>
      decide({ snapshots: [left(hours), ...others], ...pointing("snap-1") }, COPYING).target;
    expect([at(40), at(2), at(1)]).toEqual(["snap-1", "snap-1", undefined]);
    expect(at(40, copy("2", DAY, "b"))).toBe("snap-2");
    // Rather than none, the one that lasts longest, though not for long.
    expect(at(1, copy("2", 13 * DAY, "b"), copy("3", 12.5 * DAY, "c"))).toBe("snap-3");
  });

  test("in its place comes another copy of the same content, though others are newer; else what can be promoted", () => {
    const bad = { rejected: ["b"], ...written(NOW - 90 * DAY), ...pointing("snap-1") };
    const ending = copy("1", 14 * DAY - HOUR, "a", 14, { tags: PINNED.tags });
    const others = [copy("2", 8 * DAY, "a"), copy("3", DAY, "c")];
    expect(decide({ snapshots: [ending, ...others], ...bad }, COPYING).target).toBe("snap-2");
    expect(decide({ snapshots: [ending, copy("3", DAY, "c")], ...bad }, COPYING).target).toBe("snap-3");
  });

  test("one that is past a date which was only reckoned serves on if nothing else can", () => {
    const settings = { ...COPYING, copyProof: "tags" as const };
    const old = snapshot("1", 20 * DAY, "a");
    expect(decide({ snapshots: [old], ...pointing("snap-1") }, settings).target).toBe("snap-1");
    expect(decide({ snapshots: [old, snapshot("2", DAY, "b")], ...pointing("snap-1") }, settings).target).toBe(
      "snap-2",
    );
    const dated = { [DLM_TAG.expirationTime]: new Date(NOW).toISOString() };
    expect(
      decide({ snapshots: [snapshot("1", 20 * DAY, "a", { tags: dated })], ...pointing("snap-1") }, settings).target,
    ).toBeUndefined();
  });

  test("a pin holds until shortly before the end", () => {
    const pinned = (left: number) => {
      const tags = { ...worn.tags, ...PINNED.tags, [DLM_TAG.expirationTime]: new Date(NOW + left).toISOString() };
      return decide({ snapshots: [{ ...worn, tags }, fresh], ...pointing("snap-1") }, COPYING).target;
    };
    expect([pinned(HOUR + 1), pinned(HOUR)]).toEqual(["snap-1", "snap-2"]);
  });
});

describe("fast restore", () => {
  const settings: RotationSettings = { ...SETTINGS, fastRestoreZones: ["a", "b"] };
  const on = (snapshotId: string, zone: string, is = "enabled") => ({ snapshotId, zone, state: is });
  const base = { snapshots: [OLD, MIDDLE, NEW], ...pointing("snap-1") };

  test("a candidate waits until it is enabled in all zones", () => {
    const wait = (...fastRestores: State["fastRestores"]) => decide({ ...base, fastRestores }, settings);
    expect(wait()).toMatchObject({ target: "snap-1", waiting: "snap-3" });
    expect(wait(on("snap-3", "a"), on("snap-3", "b", "optimizing"))).toMatchObject({
      target: "snap-1",
      waiting: "snap-3",
    });
    expect(wait(on("snap-3", "a"), on("snap-3", "b"))).toMatchObject({ target: "snap-3", waiting: undefined });
  });

  test("or for two hours from its completion, or from its start where EC2 does not say", () => {
    const aged = (completionTime: number | null, startTime = NOW - HOUR) =>
      decide({ ...base, snapshots: [OLD, { ...NEW, startTime, completionTime }] }, settings).target;
    expect(aged(NOW - 2 * HOUR)).toBe("snap-3");
    expect(aged(NOW - 2 * HOUR + 1)).toBe("snap-1");
    expect([aged(null), aged(null, NOW - 2 * HOUR)]).toEqual(["snap-1", "snap-3"]);
  });

  test("one that waits is not displaced by a newer one", () => {
    const early = { ...MIDDLE, completionTime: NOW - HOUR };
    const fastRestores = [on("snap-2", "a", "enabling"), on("snap-2", "elsewhere")];
    expect(decide({ ...base, snapshots: [OLD, early, NEW], fastRestores }, settings).waiting).toBe("snap-2");
  });

  test("replacing a lost one does not wait, nor does the first", () => {
    expect(decide({ snapshots: [NEW] }, settings).target).toBe("snap-3");
    expect(decide({ snapshots: [NEW], ...pointing("snap-2") }, settings).target).toBe("snap-3");
  });
});

test("the pointer is written before the templates when it gains a snapshot, after them when it loses one", () => {
  const kinds = (change: Partial<State>) => plan(state(change), SETTINGS).actions.map((action) => action.kind);
  const launchTemplates = [
    { ...EMPTY, data: { BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { SnapshotId: "snap-9" } }] } },
  ];
  expect(kinds({ snapshots: [NEW], launchTemplates })).toEqual(["write-pointer", "write-template"]);
  expect(kinds({ launchTemplates, ...pointing("snap-9") })).toEqual(["write-template", "write-pointer"]);
});

const EMPTY = {
  id: "lt-1",
  latestVersion: 1,
  defaultVersion: 1,
  dataVersion: 1,
  tags: {},
  description: undefined,
  latestIsRotations: false,
  rotationVersions: [],
};
