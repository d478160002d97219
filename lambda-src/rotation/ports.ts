/**
 * The calls that rotation makes, and no others. `aws/` implements them with the SDK; tests with a fake.
 *
 * IAM, as the function's role needs it. N = name, A = architecture; "ours" = `aws:ResourceTag/docker-cache:name` = N and
 * `aws:ResourceTag/docker-cache:architecture` = A. EC2's snapshot ARN has no account: `arn:P:ec2:R::snapshot/*`.
 *
 * | port call              | IAM action                         | resource             | condition that the call satisfies                 |
 * |------------------------|------------------------------------|----------------------|---------------------------------------------------|
 * | getParameters          | ssm:GetParameters                  | snapshot-id, rejected, volume-id parameters | none                       |
 * | getParameterHistory    | ssm:GetParameterHistory            | snapshot-id, rejected, volume-id parameters | none                       |
 * | putParameter           | ssm:PutParameter                   | snapshot-id parameter | none                                             |
 * | listSnapshots, getSnapshot | ec2:DescribeSnapshots          | *                    | none (no resource level)                          |
 * | listVolumes            | ec2:DescribeVolumes                | *                    | none                                              |
 * | listInstances, getInstance | ec2:DescribeInstances          | *                    | none                                              |
 * | listImages             | ec2:DescribeImages                 | *                    | none                                              |
 * | listLaunchTemplates    | ec2:DescribeLaunchTemplates        | *                    | none                                              |
 * | listLatestVersions, listVersions, listCurrentReferences | ec2:DescribeLaunchTemplateVersions | * | none                                |
 * | listFastRestores       | ec2:DescribeFastSnapshotRestores   | *                    | none                                              |
 * | listLocks              | ec2:DescribeLockedSnapshots        | *                    | none                                              |
 * | isShared               | ec2:DescribeSnapshotAttribute      | snapshot             | ours                                              |
 * | listAutoScalingVersions| autoscaling:DescribeAutoScalingGroups | *                 | none                                              |
 * | createVersion          | ec2:CreateLaunchTemplateVersion    | launch-template      | aws:ResourceTag/docker-cache:consume = N/A        |
 * | setDefaultVersion      | ec2:ModifyLaunchTemplate           | launch-template      | aws:ResourceTag/docker-cache:consume = N/A        |
 * | deleteVersions         | ec2:DeleteLaunchTemplateVersions   | launch-template      | aws:ResourceTag/docker-cache:consume = N/A        |
 * | tagResources           | ec2:CreateTags                     | snapshot             | ours; aws:TagKeys = delete-after, deletion-refused only |
 * | untagResources         | ec2:DeleteTags                     | snapshot             | ours; aws:TagKeys = delete-after, deletion-refused only |
 * | deleteSnapshot         | ec2:DeleteSnapshot                 | snapshot             | ours                                              |
 * | enableFastRestore      | ec2:EnableFastSnapshotRestores     | snapshot             | ours                                              |
 * | disableFastRestore     | ec2:DisableFastSnapshotRestores    | snapshot             | ours                                              |
 * | terminateInstance      | ec2:TerminateInstances             | instance             | ours; aws:ResourceTag/docker-cache:role = builder |
 *
 * The command line needs besides, with the operator's own credentials:
 * - `rollback`: ssm:PutParameter on `rejected`; ec2:CreateTags `docker-cache:state` = `rejected` (snapshots; volumes with role
 *   cache-volume); ec2:DeleteTags `docker-cache:pin`.
 * - `promote`: ssm:PutParameter on `rejected`; ec2:CreateTags `docker-cache:pin`, `docker-cache:state`.
 * - `unpin`: ec2:DeleteTags `docker-cache:pin`.
 * - `build`: ec2:RunInstances on the builder's template; iam:PassRole of the builder's role.
 * - `status`: ec2:DescribeRegions.
 */
import type { FastRestore, Instance, Parameter, ParameterWrite, Snapshot, Tags, TemplateData, Volume } from "./types";

/** EC2's filters: a listed resource has one of the values of each, e.g. `{ "tag:Name": ["a"] }`. At most 200 values. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** Most values of one filter. */
export const FILTER_VALUES = 200;

/** Filters for these snapshots; none if they are more than a filter takes: then all of the region are listed. */
export function about(name: string, snapshotIds: readonly string[]): Filters {
  return snapshotIds.length > FILTER_VALUES ? {} : { [name]: snapshotIds };
}

/** Filters for resources that bear all of the tags. */
export function bearing(tags: Tags): Filters {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`tag:${key}`, [value]]));
}

export interface ParametersPort {
  /** Those of the names that exist. */
  getParameters(names: readonly string[]): Promise<ReadonlyMap<string, Parameter>>;
  /** All that SSM keeps, oldest first, and whether the first value is among them; nothing if there is no such parameter. */
  getParameterHistory(name: string): Promise<{ entries: readonly ParameterWrite[]; complete: boolean }>;
  /** Overwrites a parameter that exists. */
  putParameter(name: string, value: string): Promise<void>;
}

/** A launch template without its data. */
export interface TemplateHead {
  readonly id: string;
  readonly latestVersion: number;
  readonly defaultVersion: number;
  readonly tags: Tags;
}

export interface TemplateVersion {
  readonly templateId: string;
  readonly version: number;
  readonly description: string | undefined;
  /** ARN of who created it. */
  readonly createdBy: string;
  readonly data: TemplateData;
}

/** The snapshots that a version names, without the rest of its data. */
export interface VersionSnapshots {
  readonly templateId: string;
  readonly version: number;
  readonly snapshotIds: readonly string[];
}

export interface LaunchTemplatesPort {
  listLaunchTemplates(filters: Filters): Promise<readonly TemplateHead[]>;
  /** `$Latest` of each of these templates; those that do not exist, or whose versions are not to be seen yet, are left out. */
  listLatestVersions(templateIds: readonly string[]): Promise<readonly TemplateVersion[]>;
  /** What `$Latest` and `$Default` of every launch template of the region name, ours or not. No other data is kept. */
  listCurrentReferences(): Promise<readonly VersionSnapshots[]>;
  /** All versions of one template, or the named ones; empty if one of these, or the template, does not exist. */
  listVersions(templateId: string, versions?: readonly number[]): Promise<readonly TemplateVersion[]>;
  /** The number of the new version; the same token gives the same version. */
  createVersion(
    templateId: string,
    data: TemplateData,
    description: string | undefined,
    token: string,
  ): Promise<number>;
  setDefaultVersion(templateId: string, version: number): Promise<void>;
  /** At most 200. */
  deleteVersions(templateId: string, versions: readonly number[]): Promise<void>;
}

export interface SnapshotsPort {
  listSnapshots(filters: Filters): Promise<readonly Snapshot[]>;
  /** By id; those that exist. */
  getSnapshot(id: string): Promise<Snapshot | null>;
  /** Every setting that costs money (enabling, optimizing, enabled); without filters those of the whole region. */
  listFastRestores(filters?: Filters): Promise<readonly FastRestore[]>;
  /** Ids of snapshots under a lock that has not expired. */
  listLocks(): Promise<readonly string[]>;
  /** True if an account or the public may make volumes of it. */
  isShared(id: string): Promise<boolean>;
  enableFastRestore(id: string, zones: readonly string[]): Promise<void>;
  disableFastRestore(id: string, zones: readonly string[]): Promise<void>;
  /** Quiet if it is gone already; false if EC2 refuses because it is locked or in use. */
  deleteSnapshot(id: string): Promise<boolean>;
}

export interface InstancesPort {
  listInstances(filters: Filters): Promise<readonly Instance[]>;
  /** By id; null if it does not exist. */
  getInstance(id: string): Promise<Instance | null>;
  terminateInstance(id: string): Promise<void>;
  listVolumes(filters: Filters): Promise<readonly Volume[]>;
  /** AMIs of this account, disabled ones too, and their snapshots. */
  listImages(filters?: Filters): Promise<readonly { imageId: string; snapshotIds: readonly string[] }[]>;
  /** Snapshots and volumes alike. */
  tagResources(ids: readonly string[], key: string, value: string): Promise<void>;
  untagResources(ids: readonly string[], keys: readonly string[]): Promise<void>;
}

export interface AutoScalingPort {
  /** Launch template versions that groups name: a number, `$Latest`, `$Default`. */
  listAutoScalingVersions(): Promise<readonly { group: string; templateId: string; version: string }[]>;
}

export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface Ports
  extends ParametersPort,
    LaunchTemplatesPort,
    SnapshotsPort,
    InstancesPort,
    AutoScalingPort,
    Clock {
  readonly region: string;
}
