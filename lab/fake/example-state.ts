/** A quiet, ordinary state and its parts, to be changed by a test: what a test does not name is as on a healthy day. */

import type { LaunchTemplate, Snapshot, State } from "../../lambda-src/rotation/types";
import { DLM_TAG, parameterPaths, type RotationSettings, TAG } from "../../lib/contract";

export const NOW = Date.parse("2026-11-21T12:00:00Z");
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const ACCOUNT = "111122223333";
export const VOLUME = "vol-0c";
export const PATHS = parameterPaths("ci", "x86_64");
export const OURS = { [TAG.name]: "ci", [TAG.architecture]: "x86_64" } as const;

export const SETTINGS: RotationSettings = {
  name: "ci",
  architecture: "x86_64",
  store: "overlay2",
  maxEngine: null,
  copyFrom: null,
  copyProof: "dlm",
  copyRetentionDays: 14,
  cadenceHours: 24,
  keepLast: 3,
  keepWithinDays: 0,
  minKeep: 2,
  deletionGraceHours: 24,
  maxDeletionsPerRun: 2,
  fastRestoreZones: [],
  watchdogMinutes: 120,
  reconcileMinutes: 10,
  alarms: "all",
};

/** The same in a region that copies. */
export const COPYING: RotationSettings = { ...SETTINGS, copyFrom: "eu-west-1" };

/** A proven, healthy snapshot, `age` milliseconds old. */
export function snapshot(id: string, age: number, content = `content-${id}`, change: Partial<Snapshot> = {}): Snapshot {
  const { tags, ...rest } = change;
  return {
    id: `snap-${id}`,
    ownerId: ACCOUNT,
    volumeId: VOLUME,
    state: "completed",
    archived: false,
    startTime: NOW - age,
    completionTime: NOW - age + 5 * 60_000,
    volumeSizeGib: 50,
    fullSizeBytes: 20 * 1024 ** 3,
    tags: { ...OURS, [TAG.state]: "ready", [TAG.content]: content, [TAG.store]: "overlay2/26", ...tags },
    ...rest,
  };
}

/** A copy that DLM made `age` ago and keeps for `days`. */
export function copy(
  id: string,
  age: number,
  content = `content-${id}`,
  days = 14,
  change: Partial<Snapshot> = {},
): Snapshot {
  const expires = new Date(NOW - age + days * DAY).toISOString();
  const tags = { [DLM_TAG.policyId]: "policy-1", [DLM_TAG.expirationTime]: expires, ...change.tags };
  return snapshot(id, age, content, { volumeId: "vol-ffffffff", ...change, tags });
}

/** A launch template that asks for the cache; `snapshotId` undefined: its device is `no_device`. */
export function template(id: string, snapshotId?: string, change: Partial<LaunchTemplate> = {}): LaunchTemplate {
  const ebs = {
    SnapshotId: snapshotId,
    VolumeSize: 50,
    VolumeType: "gp3",
    Iops: undefined,
    Throughput: undefined,
    VolumeInitializationRate: undefined,
    DeleteOnTermination: true,
  };
  const cache = snapshotId ? { DeviceName: "/dev/sdf", Ebs: ebs } : { DeviceName: "/dev/sdf", NoDevice: "" };
  return {
    id,
    latestVersion: 3,
    defaultVersion: 3,
    tags: { ...OURS, [TAG.consume]: "ci/x86_64" },
    dataVersion: 3,
    description: "from Terraform",
    data: { ImageId: "ami-1", BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 30 } }, cache] },
    latestIsRotations: false,
    rotationVersions: [],
    ...change,
  };
}

/** A history that names the values one after the other, an hour apart, the last an hour ago; it begins with `none`. */
export function pointing(...values: string[]): Pick<State, "pointer" | "pointerHistory"> {
  const pointerHistory = ["none", ...values].map((value, index) => ({
    value,
    writtenAt: NOW - (values.length - index + 1) * HOUR,
  }));
  return { pointerHistory, pointer: pointerHistory[values.length] ?? { value: "none", writtenAt: NOW } };
}

export function state(change: Partial<State> = {}): State {
  return {
    now: NOW,
    region: "eu-west-1",
    accountId: ACCOUNT,
    snapshots: [],
    ...pointing(),
    pointerHistoryComplete: true,
    rejected: [],
    rejectedWrites: [{ value: "none", writtenAt: NOW - 300 * DAY }],
    volumeId: { value: VOLUME, writtenAt: NOW - 200 * DAY, accountId: ACCOUNT },
    knownVolumeIds: [VOLUME],
    volumes: [],
    instances: [],
    launchTemplates: [],
    referencesOf: "none",
    pinnedVersions: [],
    references: [],
    fastRestores: [],
    ...change,
  };
}
