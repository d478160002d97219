/** Types that the planner reads and returns. Plain data only: times are milliseconds since 1970, sizes carry their unit. */

export type Tags = Readonly<Record<string, string>>;

/** An EBS snapshot of this account that bears the cache's name and architecture. */
export interface Snapshot {
  readonly id: string;
  readonly ownerId: string;
  /** The volume it was taken of; arbitrary on a copy. */
  readonly volumeId: string;
  /** As EC2 says: `pending`, `completed`, `error`, `recoverable`, `recovering`. */
  readonly state: string;
  /** In the archive tier: no volume can be made of it. */
  readonly archived: boolean;
  readonly startTime: number;
  /** null if EC2 does not say. */
  readonly completionTime: number | null;
  readonly volumeSizeGib: number;
  /** Bytes of all blocks that it refers to; null if EC2 does not say. */
  readonly fullSizeBytes: number | null;
  readonly tags: Tags;
}

/** A parameter as last written. */
export interface Parameter {
  readonly value: string;
  readonly writtenAt: number;
  /** Account that it lives in, from its ARN. */
  readonly accountId: string;
}

/** One write of a parameter, oldest first in a list. */
export interface ParameterWrite {
  readonly value: string;
  readonly writtenAt: number;
}

export interface Volume {
  readonly id: string;
  /** As EC2 says: `creating`, `available`, `in-use`, `deleting`, … */
  readonly state: string;
  readonly createdAt: number;
  /** Snapshot that it was, or is being, created from; empty: from nothing. */
  readonly snapshotId: string;
  readonly tags: Tags;
}

export interface Instance {
  readonly id: string;
  /** As EC2 says: `pending`, `running`, `shutting-down`, `terminated`, `stopping`, `stopped`. */
  readonly state: string;
  readonly launchedAt: number;
  readonly tags: Tags;
}

export interface Ebs {
  readonly SnapshotId?: string | undefined;
  readonly VolumeSize?: number | undefined;
  readonly VolumeType?: string | undefined;
  readonly Iops?: number | undefined;
  readonly Throughput?: number | undefined;
  readonly VolumeInitializationRate?: number | undefined;
  readonly DeleteOnTermination?: boolean | undefined;
  readonly Encrypted?: boolean | undefined;
  readonly KmsKeyId?: string | undefined;
}

export interface BlockDeviceMapping {
  readonly DeviceName?: string | undefined;
  readonly VirtualName?: string | undefined;
  readonly NoDevice?: string | undefined;
  readonly Ebs?: Ebs | undefined;
}

/** LaunchTemplateData as a request takes it: read whole, the cache device changed, written whole. */
export type TemplateData = Readonly<Record<string, unknown>> & {
  readonly BlockDeviceMappings?: readonly BlockDeviceMapping[] | undefined;
};

/** A launch template that wants the snapshot (tag `docker-cache:consume`), with what `$Latest` says. */
export interface LaunchTemplate {
  readonly id: string;
  readonly latestVersion: number;
  readonly defaultVersion: number;
  readonly tags: Tags;
  /** Version that `data` and `description` belong to: `$Latest` when it was read. */
  readonly dataVersion: number;
  readonly description: string | undefined;
  readonly data: TemplateData;
  /** The rotation function's role created `$Latest`. */
  readonly latestIsRotations: boolean;
  /** Versions that the rotation function's role created, in any order. */
  readonly rotationVersions: readonly number[];
}

/** Something that needs a snapshot to stay, e.g. an AMI or a launch template's `$Default`. */
export interface Reference {
  readonly snapshotId: string;
  /** In words, e.g. `AMI ami-1`. */
  readonly by: string;
  /** Set if it is a version of a launch template. */
  readonly version?: TemplateVersionId;
}

/** A version of a launch template, e.g. one that an Auto Scaling group names by number. */
export interface TemplateVersionId {
  readonly templateId: string;
  readonly version: number;
}

export interface FastRestore {
  readonly snapshotId: string;
  readonly zone: string;
  /** `enabling`, `optimizing` or `enabled`: what costs money. */
  readonly state: string;
}

/** All that a plan depends on, of one cache and architecture in one region. */
export interface State {
  readonly now: number;
  readonly region: string;
  readonly accountId: string;
  readonly snapshots: readonly Snapshot[];
  readonly pointer: ParameterWrite;
  /** Oldest first, the present value last. SSM keeps 100. */
  readonly pointerHistory: readonly ParameterWrite[];
  /** True if the history's first entry is the parameter's first value. */
  readonly pointerHistoryComplete: boolean;
  /** Contents, newest first. */
  readonly rejected: readonly string[];
  /**
   * Writes of `rejected`, oldest first; empty if the parameter does not exist. All that SSM keeps if the pointer names nothing, or
   * if a person asks; else the last.
   */
  readonly rejectedWrites: readonly ParameterWrite[];
  /** null: the builder stack is not there (yet). */
  readonly volumeId: Parameter | null;
  /** Every volume that SSM still knows the parameter to have named. Read only if there is a snapshot that it can decide on. */
  readonly knownVolumeIds: readonly string[];
  readonly volumes: readonly Volume[];
  readonly instances: readonly Instance[];
  readonly launchTemplates: readonly LaunchTemplate[];
  /** Snapshots whose references have been read. `none`: `pinnedVersions` and `references` are not known, and empty. */
  readonly referencesOf: "all" | "none" | readonly string[];
  /** Versions that Auto Scaling groups name by number. */
  readonly pinnedVersions: readonly TemplateVersionId[];
  /** AMIs, launch templates, volumes in creation, locks and shares. */
  readonly references: readonly Reference[];
  readonly fastRestores: readonly FastRestore[];
}

/** Cache device that a launch template shall have. */
export interface WantedMapping {
  readonly deviceName: string;
  /** null: no cache device. */
  readonly ebs: Ebs | null;
  /** Ids of snapshots that no other device shall name: such a device was the cache's before the tag was changed, and is taken out. */
  readonly former: readonly string[];
}

interface Reasoned {
  /** Reason in words. */
  readonly reason: string;
}

export type Action = Reasoned &
  (
    | { readonly kind: "write-rejected"; readonly contents: readonly string[] }
    | { readonly kind: "tag-rejected"; readonly resourceIds: readonly string[] }
    | { readonly kind: "tag-ready"; readonly snapshotId: string }
    | { readonly kind: "pin"; readonly snapshotId: string }
    | { readonly kind: "unpin"; readonly snapshotId: string }
    | { readonly kind: "write-pointer"; readonly value: string }
    | { readonly kind: "write-template"; readonly template: LaunchTemplate; readonly mapping: WantedMapping }
    | { readonly kind: "set-default-version"; readonly templateId: string; readonly version: number }
    | { readonly kind: "prune-versions"; readonly templateId: string; readonly versions: readonly number[] }
    | { readonly kind: "enable-fast-restore"; readonly snapshotId: string; readonly zones: readonly string[] }
    | { readonly kind: "disable-fast-restore"; readonly snapshotId: string; readonly zones: readonly string[] }
    | { readonly kind: "terminate-builder"; readonly instanceId: string }
    | { readonly kind: "untag-delete-after"; readonly snapshotIds: readonly string[] }
    | { readonly kind: "tag-delete-after"; readonly snapshotIds: readonly string[]; readonly deleteAfter: string }
    | { readonly kind: "tag-deletion-refused"; readonly snapshotIds: readonly string[]; readonly refusedAt: string }
    | { readonly kind: "delete-snapshot"; readonly snapshotId: string }
  );

export type ActionKind = Action["kind"];

/** Decision on one snapshot: kept for at least one reason, or removed by exactly one rule. */
export interface Decision {
  readonly snapshotId: string;
  readonly keep: readonly string[];
  readonly remove: string | null;
}

/** Figures of a run; the metrics are made of them. null: not known or not meant to be told. */
export interface Figures {
  readonly promotedAgeHours: number | null;
  /** null: nothing is built here. */
  readonly failedBuilds: number | null;
  readonly foreign: number;
  /** null: nothing is copied here. */
  readonly unprovenCopies: number | null;
  readonly snapshots: number;
  readonly healthySnapshots: number;
  readonly overdueDeletions: number;
  readonly overdueHours: number;
  readonly orphans: number;
  readonly withdrawn: number;
  /** null: nothing is promoted, or it never expires. */
  readonly servedLifeHours: number | null;
  /** null: no version was read, since nothing was to be removed. */
  readonly expiringReferences: number | null;
  /** Launch templates whose tags ask for what EC2 refuses. */
  readonly templateProblems: number;
  readonly freeGrowthGib: number | null;
}

export interface Plan {
  /** Value that the pointer shall have: a snapshot id or `none`. */
  readonly promoted: string;
  /** Snapshot that waits for fast restore; null: none. */
  readonly waiting: string | null;
  /** In the order in which they are to be executed. */
  readonly actions: readonly Action[];
  readonly decisions: readonly Decision[];
  readonly figures: Figures;
  /** Notes that somebody may want to read, e.g. on a foreign snapshot. None of them fails the run. */
  readonly notes: readonly string[];
}
