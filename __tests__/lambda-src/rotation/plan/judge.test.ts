import {
  COPYING,
  copy,
  DAY,
  HOUR,
  NOW,
  pointing,
  SETTINGS,
  snapshot,
  state,
  VOLUME,
} from "../../../../lab/fake/example-state";
import { judge, parseTime, predecessorOf } from "../../../../lambda-src/rotation/plan/judge";
import type { Snapshot, State } from "../../../../lambda-src/rotation/types";
import { DLM_TAG, type RotationSettings, TAG } from "../../../../lib/contract";

function one(of: Snapshot, change: Partial<State> = {}, settings: RotationSettings = SETTINGS) {
  const [judged] = judge(state({ snapshots: [of], ...change }), settings);
  if (!judged) throw new Error("not ours");
  const { origin, healthy, servable, promotable } = judged;
  return [origin, healthy && "healthy", servable && "servable", promotable && "promotable"].filter(Boolean).join(" ");
}

const ALL = "healthy servable promotable";
const young = { volumeId: { value: VOLUME, writtenAt: NOW - 10 * DAY, accountId: "x" } };
const known = { ...young, knownVolumeIds: ["vol-0ld", VOLUME] };
const other = (age: number, tags = {}) => snapshot("1", age, "a", { volumeId: "vol-0ld", tags });

test.each<[string, string, Snapshot, Partial<State>]>([
  ["of our volume", `proven ${ALL}`, snapshot("1", HOUR), {}],
  ["of our volume, made by DLM: left to it", "managed", copy("1", HOUR, "a", 14, { volumeId: VOLUME }), {}],
  [
    "of our volume, made by a backup service",
    "managed",
    snapshot("1", HOUR, "a", { tags: { "aws:backup:source": "x" } }),
    {},
  ],
  ["of a volume that `volume-id` once named", "former healthy servable", other(20 * DAY), known],
  ["the same, younger than the present volume", "former healthy servable", other(HOUR), known],
  ["the same, once promoted", `former ${ALL}`, other(20 * DAY), { ...known, ...pointing("snap-1", "snap-2") }],
  ["the same, made by DLM", "managed", other(20 * DAY, { [DLM_TAG.policyId]: "p" }), known],
  ["of another volume, older than ours: time proves nothing", "foreign", other(20 * DAY), young],
  ["the same, made by DLM", "foreign", other(20 * DAY, { [DLM_TAG.policyId]: "p" }), young],
  ["a copy of DLM's, promoted when the region still copied", `former ${ALL}`, copy("1", HOUR), pointing("snap-1")],
  ["a copy of DLM's that never was", "managed", copy("1", 20 * DAY), young],
  ["of another volume, younger than ours", "foreign", other(HOUR), young],
  ["the same, though promoted once", `former ${ALL}`, other(HOUR), pointing("snap-1", "snap-2")],
  ["no volume known", "unjudged", snapshot("1", HOUR), { volumeId: null }],
  ["no volume known, but promoted", `former ${ALL}`, snapshot("1", HOUR), { volumeId: null, ...pointing("snap-1") }],
  ["no volume known, copied by DLM", "managed", copy("1", HOUR), { volumeId: null }],
  [
    "no volume known, made by DLM of some volume",
    "unjudged",
    copy("1", HOUR, "a", 14, { volumeId: "vol-x" }),
    { volumeId: null },
  ],
  ["still pending", "pending", snapshot("1", HOUR, "a", { state: "pending" }), {}],
  ["failed", "proven", snapshot("1", HOUR, "a", { state: "error" }), {}],
  ["in the archive tier", "proven", snapshot("1", HOUR, "a", { archived: true }), {}],
  ["from the future", "proven", snapshot("1", -HOUR), {}],
  [
    "of a volume in the middle of a build",
    "proven",
    snapshot("1", HOUR, "a", { tags: { [TAG.state]: "building" } }),
    {},
  ],
  ["of a rejected content", "proven", snapshot("1", HOUR, "bad"), { rejected: ["bad"] }],
  ["without a content", `proven ${ALL}`, snapshot("1", HOUR, "", {}), { rejected: ["bad"] }],
  ["of another store", "proven healthy", snapshot("1", HOUR, "a", { tags: { [TAG.store]: "containerd/26" } }), {}],
  [
    "of a store without an engine",
    `proven ${ALL}`,
    snapshot("1", HOUR, "a", { tags: { [TAG.store]: "overlay2" } }),
    {},
  ],
  ["without a store", "proven healthy", snapshot("1", HOUR, "a", { tags: { [TAG.store]: "" } }), {}],
])("where it is built: %s", (_name, expected, of, change) => {
  expect(one(of, change)).toBe(expected);
});

test.each<[string, string, Snapshot, Partial<State>, RotationSettings]>([
  ["made by DLM", `proven ${ALL}`, copy("1", HOUR), {}, COPYING],
  ["without DLM's tag", "unproven", snapshot("1", HOUR, "a", { volumeId: "vol-f" }), { volumeId: null }, COPYING],
  [
    "without DLM's tag, and not ready",
    "foreign",
    snapshot("1", HOUR, "a", { volumeId: "vol-f", tags: { [TAG.state]: "building" } }),
    { volumeId: null },
    COPYING,
  ],
  [
    "without DLM's tag, where tags are enough",
    `proven ${ALL}`,
    snapshot("1", HOUR),
    { volumeId: null },
    { ...COPYING, copyProof: "tags" },
  ],
  [
    "promoted when the region still built",
    `former ${ALL}`,
    snapshot("1", HOUR),
    { volumeId: null, ...pointing("snap-1") },
    COPYING,
  ],
  [
    "of a volume that the region once had",
    "former healthy servable",
    snapshot("1", 300 * DAY),
    { knownVolumeIds: ["vol-x", VOLUME] },
    COPYING,
  ],
  ["of the volume that it still has", "former healthy servable", snapshot("1", HOUR), {}, COPYING],
  ["about to expire", "proven healthy servable", copy("1", 12.5 * DAY), {}, COPYING],
  ["with two cadences to go", `proven ${ALL}`, copy("1", 12 * DAY), {}, COPYING],
])("where it is copied: %s", (_name, expected, of, change, settings) => {
  expect(one(of, change, settings)).toBe(expected);
});

test("engines up to the most that workers run", () => {
  const at = (maxEngine: number) => one(snapshot("1", HOUR), {}, { ...SETTINGS, maxEngine });
  expect([at(25), at(26)]).toEqual(["proven healthy", `proven ${ALL}`]);
  const unknown = snapshot("1", HOUR, "a", { tags: { [TAG.store]: "overlay2" } });
  expect(one(unknown, {}, { ...SETTINGS, maxEngine: 99 })).toBe("proven healthy");
});

test("another account's, another cache's and another architecture's are not judged", () => {
  const snapshots = [
    snapshot("1", HOUR, "a", { ownerId: "999999999999" }),
    snapshot("2", HOUR, "a", { tags: { [TAG.name]: "ml" } }),
    snapshot("3", HOUR, "a", { tags: { [TAG.architecture]: "arm64" } }),
  ];
  expect(judge(state({ snapshots }), SETTINGS)).toEqual([]);
});

describe("the predecessor", () => {
  const to = (snapshots: Snapshot[], history: string[], left?: string, change: Partial<State> = {}) => {
    const now = state({ snapshots, ...pointing(...history), ...change });
    return predecessorOf(judge(now, COPYING), left, now)?.snapshot.id;
  };
  const a = copy("1", 9 * DAY, "a");
  const longer = copy("2", 4 * DAY, "a");
  const [b, c] = [copy("3", 2 * DAY, "b"), copy("4", DAY, "c")];

  test("is of the last other content that was served", () => {
    expect(to([a, b, c], ["snap-1", "snap-3", "snap-4"], "c")).toBe("snap-3");
    // Served last, though it is the older one.
    expect(to([a, b, c], ["snap-3", "snap-1", "snap-4"], "c")).toBe("snap-1");
    expect(to([a, b], ["snap-1"], "b")).toBe("snap-1");
    expect(to([b, c], ["snap-4"], "c")).toBeUndefined();
  });

  test("is the copy of that content that lasts longest, though the pointer never named it", () => {
    expect(to([a, longer, b], ["snap-1", "snap-3"], "b")).toBe("snap-2");
    expect(to([longer, copy("5", 4 * DAY, "a"), a, b], ["snap-1", "snap-3"], "b")).toBe("snap-5");
    const forever = snapshot("6", 12 * DAY, "a", { volumeId: "vol-x" });
    expect(to([a, longer, forever, b], ["snap-6", "snap-3"], "b")).toBe("snap-6");
  });

  test("may have less life than a promotion asks for, and not less than an hour", () => {
    const left = (hours: number) => copy("7", 14 * DAY - hours * HOUR, "a");
    expect(to([left(2), b], ["snap-7", "snap-3"], "b")).toBe("snap-7");
    expect(to([left(1), b], ["snap-7", "snap-3"], "b")).toBeUndefined();
  });

  test("is further back if nothing of the last other content can be served", () => {
    expect(to([a, b, c], ["snap-1", "snap-3", "snap-4"], "c", { rejected: ["b"] })).toBe("snap-1");
    expect(to([a, c], ["snap-1", "snap-3", "snap-4"], "c")).toBe("snap-1");
  });

  test("without anything to leave it is what was served last", () => {
    expect(to([a, b], ["snap-1", "snap-3", "none"])).toBe("snap-3");
  });
});

describe("the time at which DLM deletes a copy", () => {
  const expiry = (of: Snapshot, settings: RotationSettings, change: Partial<State> = {}) => {
    const [judged] = judge(state({ snapshots: [of], ...change }), settings);
    return judged?.expiresAt === null ? null : ((judged?.expiresAt ?? 0) - NOW) / DAY;
  };
  const dated = (date: string | undefined) =>
    copy("1", DAY, "a", 14, { tags: { [DLM_TAG.expirationTime]: date as never } });
  const seven = { ...COPYING, copyRetentionDays: 7 };

  test("is on the copy, and reckoned if it is missing or cannot be read", () => {
    expect(expiry(copy("1", DAY), seven)).toBe(13);
    expect([expiry(dated(undefined), seven), expiry(dated("soon"), seven)]).toEqual([6, 6]);
  });

  test("is reckoned for copies without DLM's tag if tags are the proof", () => {
    expect(expiry(snapshot("1", DAY), { ...seven, copyProof: "tags" })).toBe(6);
  });

  test("is never for what the region built, before it copied or now", () => {
    expect(expiry(snapshot("1", DAY), seven, pointing("snap-1"))).toBeNull();
    expect(expiry(snapshot("1", DAY), SETTINGS)).toBeNull();
    expect(expiry(dated(undefined), { ...SETTINGS, copyRetentionDays: 7 }, pointing("snap-1"))).toBe(6);
  });
});

test("a copy is promoted with a third of its life left if that is less than two cadences", () => {
  const weekly = { ...COPYING, cadenceHours: 168 };
  const at = (age: number) => one(copy("1", age), {}, weekly);
  expect([at(0), at(9 * DAY), at(10 * DAY)]).toEqual([`proven ${ALL}`, `proven ${ALL}`, "proven healthy servable"]);
});

test("times in tags", () => {
  expect([parseTime("1970-01-01T00:00:01Z"), parseTime("soon"), parseTime(undefined)]).toEqual([1000, null, null]);
});
