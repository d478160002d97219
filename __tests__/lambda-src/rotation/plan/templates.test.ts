import {
  COPYING,
  copy,
  DAY,
  HOUR,
  pointing,
  SETTINGS,
  snapshot,
  state,
  template,
} from "../../../../lab/fake/example-state";
import { planRollback } from "../../../../lambda-src/rotation/asked/rollback";
import { withMapping } from "../../../../lambda-src/rotation/cache-device";
import { judge } from "../../../../lambda-src/rotation/plan/judge";
import { planPruning, planTemplates, templateNotes } from "../../../../lambda-src/rotation/plan/templates";
import type { Action, LaunchTemplate, Snapshot } from "../../../../lambda-src/rotation/types";
import { TAG } from "../../../../lib/contract";

const PROMOTED = snapshot("1", HOUR);

const SNAPSHOTS = [
  PROMOTED,
  snapshot("2", HOUR),
  snapshot("3", HOUR, "bad"),
  snapshot("4", HOUR, "c", { archived: true }),
];

function planned(launchTemplates: readonly LaunchTemplate[], promoted: Snapshot | undefined = PROMOTED): Action[] {
  const now = state({ ...pointing("snap-0", "snap-1"), launchTemplates, snapshots: SNAPSHOTS, rejected: ["bad"] });
  return planTemplates(now, promoted, judge(now, SETTINGS));
}

/** A template whose tags EC2 would refuse; `snapshotId` undefined: its device is `no_device`. */
const faulty = (snapshotId?: string, change: Partial<LaunchTemplate> = {}) =>
  template("lt-1", snapshotId, { tags: { [TAG.mapping]: "iops=1" }, ...change });

test("tags that EC2 would refuse are noted, in the order of ids", () => {
  const device = template("lt-0", undefined, { tags: { [TAG.device]: "sdF" } });
  expect(templateNotes([template("lt-2"), faulty(), device], PROMOTED)).toEqual([
    expect.stringMatching(
      /^tag docker-cache:device of launch template lt-0: found "sdF".*; rotation leaves it as it is$/,
    ),
    expect.stringMatching(/^tag docker-cache:mapping of launch template lt-1: iops: found 1, expected 3000 to 25000/),
  ]);
});

describe("a template whose tags EC2 would refuse", () => {
  test.each<[string, LaunchTemplate]>([
    ["with the promoted snapshot", faulty("snap-1")],
    ["with another one that is there", faulty("snap-2")],
    ["with none", faulty()],
    ["with none in a later version of Terraform's", faulty(undefined, { defaultVersion: 2 })],
    ["without the device", faulty(undefined, { data: {} })],
    ["with a device that EC2 knows not", faulty("snap-2", { tags: { [TAG.device]: "sdF" } })],
  ])("stays as it is: %s", (_name, one) => {
    expect(planned([one])).toEqual([]);
  });

  test.each(["snap-0", "snap-3", "snap-4"])(
    "does not go on naming %s, which is gone, rejected or archived",
    (snapshotId) => {
      const [action] = planned([faulty(snapshotId)]);
      expect(action).toMatchObject({
        kind: "write-template",
        mapping: { deviceName: "/dev/sdf", ebs: null, former: [] },
      });
      expect(action?.reason).toBe(
        `${snapshotId} is not to be served any more, and the template's tags ask for what EC2 refuses: workers start cold`,
      );
    },
  );

  test("does not go on naming a copy that DLM deletes within the hour", () => {
    const [ending, lasting] = [copy("2", 14 * DAY - HOUR / 2), copy("3", DAY)];
    const planFor = (snapshotId: string) => {
      const launchTemplates = [faulty(snapshotId)];
      const now = state({ ...pointing("snap-2", "snap-3"), launchTemplates, snapshots: [ending, lasting] });
      return planTemplates(now, lasting, judge(now, COPYING));
    };
    expect(planFor("snap-2")).toMatchObject([{ kind: "write-template", mapping: { ebs: null } }]);
    expect(planFor("snap-3")).toEqual([]);
  });

  test("lets go, with what else is not to be served, of a device that the tags no longer name", () => {
    const devices = ["snap-0", "snap-1", "snap-3", "snap-theirs"].map((SnapshotId, index) => ({
      DeviceName: `/dev/sd${"fghi"[index]}`,
      Ebs: { SnapshotId },
    }));
    const [action] = planned([faulty(undefined, { data: { BlockDeviceMappings: devices } })]);
    expect(action).toMatchObject({ mapping: { deviceName: "/dev/sdf", ebs: null, former: ["snap-3"] } });
    expect(action?.kind === "write-template" && withMapping(action.template.data, action.mapping)).toEqual({
      BlockDeviceMappings: [{ DeviceName: "/dev/sdf", NoDevice: "" }, devices[1], devices[3]],
    });
  });

  test("does not go on naming what a rollback leaves", () => {
    const now = state({ ...pointing("snap-1", "snap-2"), launchTemplates: [faulty("snap-2")], snapshots: SNAPSHOTS });
    const answer = planRollback(now, SETTINGS, { from: "content-2" });
    expect(answer).toMatchObject({
      refused: null,
      target: "snap-1",
      actions: expect.arrayContaining([
        expect.objectContaining({ kind: "write-template", mapping: { deviceName: "/dev/sdf", ebs: null, former: [] } }),
      ]),
    });
  });

  test("names none at all while nothing is promoted", () => {
    const actions = planTemplates(state({ launchTemplates: [faulty("snap-1")] }), undefined, []);
    expect(actions).toMatchObject([{ kind: "write-template", mapping: { ebs: null } }]);
    expect(
      planTemplates(state({ launchTemplates: [faulty(undefined, { defaultVersion: 2 })] }), undefined, []),
    ).toEqual([
      expect.objectContaining({
        kind: "set-default-version",
        reason: "$Default is 2, and $Latest 3 names no snapshot",
      }),
    ]);
  });

  test("what a crash left half done is completed", () => {
    const [action] = planned([faulty(undefined, { defaultVersion: 2, latestIsRotations: true })]);
    expect(action).toMatchObject({ kind: "set-default-version", version: 3 });
    expect(action?.reason).toBe("$Default is 2, and $Latest 3 is what rotation wrote last");
  });

  test("a wrong device name: the device with a snapshot that the pointer has named is the one", () => {
    const one = faulty("snap-0", { tags: { [TAG.device]: "/dev/sda1" } });
    expect(planned([one])).toMatchObject([
      { kind: "write-template", mapping: { deviceName: "/dev/sdf", ebs: null, former: [] } },
    ]);
    expect(planned([faulty("snap-9", { tags: one.tags })])).toEqual([]);
  });
});

describe("actions", () => {
  test("none where $Latest and $Default carry the snapshot", () => {
    expect(planned([template("lt-1", "snap-1")])).toEqual([]);
  });

  test("a default that lags behind is set", () => {
    const [action] = planned([template("lt-1", "snap-1", { defaultVersion: 2 })]);
    expect(action).toMatchObject({ kind: "set-default-version", templateId: "lt-1", version: 3 });
  });

  test.each<[string, string]>([
    ["that is served", "snap-1"],
    ["that the pointer has named, and that is gone", "snap-0"],
    ["that was rejected", "snap-3"],
  ])("a device of another name lets go of a snapshot of ours %s", (_what, snapshotId) => {
    const former = { DeviceName: "/dev/sdf", Ebs: { SnapshotId: snapshotId } };
    const written = template("lt-1", "snap-1").data.BlockDeviceMappings?.[1]?.Ebs ?? {};
    const data = { BlockDeviceMappings: [former, { DeviceName: "/dev/sdg", Ebs: written }] };
    const [action] = planned([template("lt-1", undefined, { tags: { [TAG.device]: "/dev/sdg" }, data })]);
    expect(action).toMatchObject({ kind: "write-template", mapping: { deviceName: "/dev/sdg", former: [snapshotId] } });
    expect(action?.reason).toBe(`to carry snap-1; no other device is to name ${snapshotId}`);
  });

  test("a template without any mapping gets the device", () => {
    expect(planned([template("lt-1", undefined, { data: {} })])).toMatchObject([{ mapping: { former: [] } }]);
  });

  test("a device with a snapshot that only claims to be ours is theirs", () => {
    const foreign = snapshot("9", HOUR, "x", { volumeId: "vol-theirs" });
    const data = { BlockDeviceMappings: [{ DeviceName: "/dev/sdg", Ebs: { SnapshotId: "snap-9" } }] };
    const launchTemplates = [template("lt-1", undefined, { data })];
    const now = state({ ...pointing("snap-1"), launchTemplates, snapshots: [PROMOTED, foreign] });
    expect(planTemplates(now, PROMOTED, judge(now, SETTINGS))).toMatchObject([{ mapping: { former: [] } }]);
  });

  test("a template without the snapshot is written, in the order of ids", () => {
    const actions = planned([template("lt-2"), template("lt-1", "snap-0")]);
    expect(actions.map((one) => one.kind === "write-template" && one.template.id)).toEqual(["lt-1", "lt-2"]);
  });
});

describe("pruning", () => {
  const old = (change: Partial<LaunchTemplate> = {}) =>
    template("lt-1", "snap-1", {
      latestVersion: 40,
      defaultVersion: 40,
      dataVersion: 40,
      rotationVersions: Array.from({ length: 33 }, (_, index) => index + 8),
      ...change,
    });

  test("keeps the newest 20 of rotation's own, what is current and what a group names", () => {
    const [action] = planPruning(
      [old({ defaultVersion: 12 })],
      [
        { templateId: "lt-1", version: 14 },
        { templateId: "lt-2", version: 15 },
      ],
    );
    expect(action).toMatchObject({ kind: "prune-versions", versions: [20, 19, 18, 17, 16, 15, 13, 11, 10, 9, 8] });
  });

  test("nothing to prune, or fewer than ten", () => {
    expect(planPruning([old({ rotationVersions: [1, 2, 3] })], [])).toEqual([]);
    const pinned = [20, 18, 16, 14].map((version) => ({ templateId: "lt-1", version }));
    expect(planPruning([old()], pinned)).toEqual([]);
  });

  test("at most 200 a call, the oldest", () => {
    const many = Array.from({ length: 300 }, (_, index) => index + 1);
    const [action] = planPruning(
      [old({ rotationVersions: many, latestVersion: 300, defaultVersion: 300, dataVersion: 300 })],
      [],
    );
    expect(
      action?.kind === "prune-versions" && [
        action.versions.length,
        Math.max(...action.versions),
        Math.min(...action.versions),
      ],
    ).toEqual([200, 200, 1]);
  });
});
