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
  ["of another volume, older than our volume", "former healthy servable", other(20 * DAY), young],
  ["the same, once promoted", `former ${ALL}`, other(20 * DAY), { ...young, ...pointing("snap-1", "snap-2") }],
  ["the same, made by DLM", "managed", other(20 * DAY, { [DLM_TAG.policyId]: "p" }), young],
  ["a copy of DLM's, promoted when the region still copied", `former ${ALL}`, copy("1", HOUR), pointing("snap-1")],
  ["a copy of DLM's that never was", "managed", copy("1", 20 * DAY), young],
  ["of another volume, younger than ours", "foreign", other(HOUR), young],
  ["the same, though promoted once", `former ${ALL}`, other(HOUR), pointing("snap-1", "snap-2")],
  ["no volume known", "unjudged", snapshot("1", HOUR), { volumeId: null }],
  ["no volume known, but promoted", `former ${ALL}`, snapshot("1", HOUR), { volumeId: null, ...pointing("snap-1") }],
  ["no volume known, made by DLM", "managed", copy("1", HOUR), { volumeId: null }],
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
  ["of a volume that the region once had", "former healthy servable", snapshot("1", 300 * DAY), {}, COPYING],
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

test("the predecessor is the newest promotable one of other content that was promoted", () => {
  const snapshots = [
    snapshot("1", 4 * DAY, "a"),
    snapshot("2", 3 * DAY, "b"),
    snapshot("3", 2 * DAY, "never promoted"),
    snapshot("4", DAY, "c"),
    snapshot("5", HOUR, "c"),
  ];
  const judged = judge(state({ snapshots, ...pointing("snap-1", "snap-2", "snap-4", "snap-5") }), SETTINGS);
  expect(predecessorOf(judged, judged[0])?.snapshot.id).toBe("snap-2");
  expect(predecessorOf(judged, undefined)?.snapshot.id).toBe("snap-5");
});

test("times in tags", () => {
  expect([parseTime("1970-01-01T00:00:01Z"), parseTime("soon"), parseTime(undefined)]).toEqual([1000, null, null]);
});
