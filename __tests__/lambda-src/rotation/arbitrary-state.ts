/**
 * Random states, small and dense: few ids, contents and volumes, so that they collide. One integer makes one resource, which is fast and
 * shrinks towards 0, the most ordinary one.
 */
import fc from "fast-check";
import { ACCOUNT, COPYING, DAY, HOUR, NOW, OURS, SETTINGS, VOLUME } from "../../../lab/fake/example-state";
import type {
  FastRestore,
  Instance,
  LaunchTemplate,
  ParameterWrite,
  Snapshot,
  State,
  Volume,
} from "../../../lambda-src/rotation/types";
import { DLM_TAG, type RotationSettings, TAG } from "../../../lib/contract";

/** States per property; FC_RUNS=100000 for the long run. */
export const RUNS = Number(process.env.FC_RUNS ?? 10_000);

/** Takes one choice after the other out of an integer. */
function chooser(integer: number) {
  let rest = integer;
  return <T>(options: readonly T[]): T => {
    const index = rest % options.length;
    rest = Math.floor(rest / options.length);
    return options[index] as T;
  };
}

const seed = fc.noBias(fc.maxSafeNat());
const seeds = (maxLength: number) => fc.array(seed, { maxLength, size: "max" });
const CONTENTS = ["a", "b", "c", "d"];
const ids = Array.from({ length: 12 }, (_, index) => `snap-${index}`);
const maybe = (key: string, value: string | undefined) => (value === undefined ? {} : { [key]: value });
const iso = (time: number) => new Date(time).toISOString();
/** The usual value in all but one of `n` cases. */
const mostly = <T>(n: number, usual: T, ...others: T[]): T[] => [
  ...Array.from({ length: (n - 1) * others.length }, () => usual),
  ...others,
];

function toTags(pick: ReturnType<typeof chooser>) {
  return {
    [TAG.name]: pick(mostly(20, "ci", "other")),
    [TAG.architecture]: pick(mostly(20, "x86_64", "arm64")),
    ...maybe(TAG.state, pick(mostly(12, "ready", "building", "rejected", undefined, "future"))),
    ...maybe(TAG.content, pick(["a", "a", "b", "b", "c", "d", undefined])),
    ...maybe(TAG.store, pick(mostly(20, "overlay2/26", "overlay2/29", "containerd/26", undefined))),
    ...maybe(TAG.pin, pick(mostly(12, undefined, "promoted"))),
    ...maybe(
      TAG.deleteAfter,
      pick([undefined, undefined, iso(NOW - 9 * DAY), iso(NOW - DAY), iso(NOW - HOUR), iso(NOW + HOUR), "soon"]),
    ),
    ...maybe(TAG.deletionRefused, pick(mostly(6, undefined, iso(NOW - HOUR), iso(NOW - 2 * HOUR)))),
    ...maybe(DLM_TAG.policyId, pick(mostly(5, undefined, "policy-1"))),
    ...maybe(
      DLM_TAG.expirationTime,
      pick(
        mostly(
          3,
          undefined,
          iso(NOW - 3 * DAY),
          iso(NOW - DAY),
          iso(NOW + DAY),
          iso(NOW + 4 * DAY),
          iso(NOW + 9 * DAY),
        ),
      ),
    ),
  };
}

function toSnapshot([seed, tagSeed]: readonly [number, number], index: number): Snapshot {
  const pick = chooser(seed);
  const startTime = NOW - pick([0, 1, 2, 3, 5, 8, 13, 21, 34, ...mostly(2, 4, -1)]) * DAY;
  return {
    id: ids[index] ?? "snap-x",
    ownerId: pick(mostly(20, ACCOUNT, "999999999999")),
    volumeId: pick(mostly(8, VOLUME, "vol-0ld", "vol-ffffffff")),
    state: pick(mostly(12, "completed", "pending", "error", "recovering")),
    archived: pick(mostly(20, false, true)),
    startTime,
    completionTime: pick([startTime + HOUR, null]),
    volumeSizeGib: pick([50, 100]),
    fullSizeBytes: pick([null, 1024 ** 3]),
    tags: toTags(chooser(tagSeed)),
  };
}

function toTemplate(seed: number, index: number): LaunchTemplate {
  const pick = chooser(seed);
  const mapping = {
    DeviceName: "/dev/sdf",
    Ebs: { SnapshotId: pick(ids), VolumeSize: 50, VolumeType: "gp3", DeleteOnTermination: true },
  };
  const latestVersion = pick([3, 4]);
  return {
    id: `lt-${index}`,
    latestVersion,
    defaultVersion: pick([latestVersion, 1]),
    tags: { [TAG.consume]: "ci/x86_64", ...maybe(TAG.mapping, pick([undefined, "size=80", "size=oops", "iops=1"])) },
    dataVersion: latestVersion,
    description: undefined,
    data: { BlockDeviceMappings: pick([[mapping], [{ DeviceName: "/dev/sdf", NoDevice: "" }], []]) },
    latestIsRotations: pick([true, false]),
    rotationVersions: pick([[], Array.from({ length: 30 }, (_, version) => version + 1)]),
  };
}

function toInstance(seed: number, index: number): Instance {
  const pick = chooser(seed);
  return {
    id: `i-${index}`,
    state: pick(["running", "shutting-down", "terminated", "stopped"]),
    launchedAt: NOW - pick([0, 1, 3, 400]) * HOUR,
    tags: {
      ...OURS,
      [TAG.role]: pick(["builder", "worker"]),
      ...maybe(TAG.outcome, pick([undefined, "ready", "failed"])),
    },
  };
}

function toVolume(seed: number, index: number): Volume {
  const pick = chooser(seed);
  return {
    id: pick([VOLUME, `vol-${index}`]),
    state: pick(["available", "in-use", "deleting"]),
    createdAt: NOW - pick([0, 400]) * HOUR,
    snapshotId: "",
    tags: {
      ...OURS,
      [TAG.role]: pick(["cache-volume", "worker", "builder"]),
      [TAG.content]: pick(CONTENTS),
      [TAG.checked]: iso(NOW - HOUR),
    },
  };
}

function toFastRestore(seed: number): FastRestore {
  const pick = chooser(seed);
  return {
    snapshotId: pick(ids),
    zone: pick(["eu-west-1a", "eu-west-1b"]),
    state: pick(["enabling", "optimizing", "enabled"]),
  };
}

/** The pointer's history: hours apart, oldest first; mostly of snapshots that are there. */
function toHistory(list: readonly number[], count: number): ParameterWrite[] {
  const values = list.map((one) =>
    chooser(one)(mostly(12, chooser(one)(ids.slice(0, count + 1)) ?? "none", "none", "snap-gone")),
  );
  return ["none", ...values].map((value, index) => ({
    value,
    writtenAt: NOW - (values.length - index + 1) * 20 * HOUR,
  }));
}

const snapshotSeeds = fc.array(fc.tuple(seed, seed), { maxLength: 12, size: "max" });

export const arbitraryState: fc.Arbitrary<State> = fc
  .tuple(snapshotSeeds, seeds(5), seeds(2), seeds(3), seeds(2), seeds(2), seeds(3), seed)
  .map(([snapshots, history, templates, instances, volumes, references, restores, rest]) => {
    const pick = chooser(rest);
    const pointerHistory = toHistory(history, snapshots.length);
    const writtenAt = NOW - pick([200, 200, 200, 4]) * DAY;
    return {
      now: NOW,
      region: "eu-west-1",
      accountId: ACCOUNT,
      snapshots: snapshots.map(toSnapshot),
      pointer: pointerHistory.at(-1) as ParameterWrite,
      pointerHistory,
      pointerHistoryComplete: pick([true, false]),
      rejected: CONTENTS.filter(() => pick(mostly(8, false, true))),
      rejectedWrites: pick([[], [NOW - 30 * HOUR], [NOW - 90 * DAY]]).map((writtenAt) => ({ value: "a", writtenAt })),
      volumeId: pick(mostly(8, { value: VOLUME, writtenAt, accountId: ACCOUNT }, null)),
      knownVolumeIds: pick([[VOLUME, "vol-0ld"], [VOLUME]]),
      volumes: volumes.map(toVolume),
      instances: instances.map(toInstance),
      launchTemplates: templates.map(toTemplate),
      referencesOf: pick(["all", "none"] as const),
      pinnedVersions: pick([[], [{ templateId: "lt-0", version: 2 }]]),
      references: references.map((one) => ({ snapshotId: chooser(one)(ids), by: "AMI ami-1" })),
      fastRestores: restores.map(toFastRestore),
    };
  });

export const arbitrarySettings: fc.Arbitrary<RotationSettings> = seed.map((one) => {
  const pick = chooser(one);
  return {
    ...pick([SETTINGS, SETTINGS, COPYING, { ...COPYING, copyProof: "tags" as const }]),
    maxEngine: pick([null, null, 27]),
    keepLast: pick([1, 2, 3, 5]),
    keepWithinDays: pick([0, 4]),
    minKeep: pick([2, 4]),
    maxDeletionsPerRun: pick([2, 3, 20]),
    fastRestoreZones: pick([[], [], ["eu-west-1a"], ["eu-west-1a", "eu-west-1b"]]),
  };
});
