/** The front's memory beside moto: one plain object per region, for handlers to write and tests to read. */
import type { Activity } from "@aws-sdk/client-auto-scaling";
import type { BlockDeviceMapping, LaunchTemplateVersion, Reservation } from "@aws-sdk/client-ec2";
import type { BudgetRecord } from "./budget";
import type { BuildProject, BuildRecord, BuildRequest } from "./codebuild-project";
import type { DlmPolicy } from "./dlm-policy";
import type { LifecycleRule } from "./s3-lifecycle";

/** A launch template, its versions oldest first; moto keeps its tags. */
export interface LaunchTemplateRecord {
  readonly id: string;
  readonly name: string;
  readonly createTime: Date;
  readonly createdBy: string;
  readonly versions: LaunchTemplateVersion[];
  /** The number that the next version gets: numbers are never used again. */
  nextVersion: number;
}

/** Record of a snapshot. A test that wants it to complete sooner or later, or to fail, may change it. */
export interface SnapshotRecord {
  readonly volumeId: string;
  readonly volumeSizeGib: number;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly startTime: Date;
  completesAt: Date;
  /** Reason for which it ends in `error` instead of `completed`. */
  failure?: string;
  /** Set while the snapshot lies in the Recycle Bin. */
  bin?: { readonly enteredAt: Date; readonly leavesAt: Date };
  lock?: { readonly mode: "compliance" | "governance"; readonly createdAt: Date; readonly expiresAt?: Date };
}

/** Record of an image of one's own. */
export interface ImageRecord {
  readonly rootDeviceName: string;
  readonly architecture: string;
  readonly mappings: readonly BlockDeviceMapping[];
  /** Set while the image is disabled: lists leave it out, and its snapshots stay in use. */
  disabled?: boolean;
}

/** Record of a volume. */
export interface VolumeRecord {
  /** MiB/s at which blocks are loaded from the snapshot. Undefined: as they are touched. */
  readonly initializationRate?: number;
  readonly snapshotId?: string;
}

/** Fast restore of one snapshot in one zone. Its state follows from the times. */
export interface FastRestoreRecord {
  readonly snapshotId: string;
  readonly zone: string;
  readonly enablingAt: Date;
  readonly optimizingAt: Date;
  readonly enabledAt: Date;
  disabledAt?: Date;
}

/** A tag of a resource that a Recycle Bin rule concerns, or not. */
export interface RecycleBinResourceTag {
  readonly ResourceTagKey: string;
  readonly ResourceTagValue?: string;
}

/** A retention rule of the Recycle Bin, as GetRule shows it. */
export interface RecycleBinRule {
  readonly Identifier: string;
  readonly RuleArn: string;
  readonly ResourceType: string;
  Description?: string;
  RetentionPeriod: { readonly RetentionPeriodValue: number; readonly RetentionPeriodUnit: "DAYS" };
  /** Empty: a rule for the whole region. */
  ResourceTags: readonly RecycleBinResourceTag[];
  ExcludeResourceTags: readonly RecycleBinResourceTag[];
  Status: "pending" | "available";
  LockState: "locked" | "pending_unlock" | "unlocked";
  LockConfiguration?: object;
  Tags: { Key: string; Value: string }[];
}

/** A RunInstances call that was made with a client token. */
export interface LaunchRecord {
  /** The parameters, in a form that can be compared. */
  readonly parameters: string;
  /** Its answer; a second call with the token gets the same. */
  readonly reservation: Promise<Reservation>;
}

/** A pull-through cache rule of ECR, as DescribePullThroughCacheRules shows it. */
export interface PullThroughRule {
  readonly ecrRepositoryPrefix: string;
  readonly upstreamRegistryUrl: string;
  readonly upstreamRegistry?: string;
  readonly upstreamRepositoryPrefix?: string;
  readonly registryId?: string;
  readonly createdAt?: Date;
  credentialArn?: string;
  customRoleArn?: string;
  updatedAt?: Date;
}

/** A repository creation template of ECR, as DescribeRepositoryCreationTemplates shows it. */
export interface CreationTemplate {
  /** `ROOT`, or the beginning of repositories' names, with or without a slash at its end. */
  readonly prefix: string;
  readonly appliedFor: readonly string[];
  readonly encryptionConfiguration: { readonly encryptionType: string; readonly kmsKey?: string };
  readonly imageTagMutability: string;
  readonly resourceTags: readonly { readonly Key: string; readonly Value: string }[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly description?: string;
  readonly imageTagMutabilityExclusionFilters?: readonly { readonly filterType: string; readonly filter: string }[];
  /** JSON. */
  readonly repositoryPolicy?: string;
  /** JSON. */
  readonly lifecyclePolicy?: string;
  /** Role that ECR makes the repository as. */
  readonly customRoleArn?: string;
}

/** A password of ECR's registry, as GetAuthorizationToken gave it. */
export interface EcrToken {
  readonly accessKeyId: string;
  readonly expiresAt: Date;
}

/** Record of a repository of ECR, as long as it is there. */
export interface EcrRepository {
  /** Differs from that of a former repository of the same name, whose layers are gone. */
  readonly incarnation: string;
  /** Layers that were uploaded and that no image has yet, by digest. */
  readonly uploaded: Set<string>;
  /** By digest, those of deleted images too: when it was pushed. Another tag for an image does not change it. */
  readonly pushedAt: Map<string, Date>;
  /** By tag: when ECR last asked the upstream registry for it. */
  readonly checkedAt: Map<string, Date>;
}

/** Log group, format and levels of a Lambda function. */
export interface LoggingConfig {
  readonly LogFormat?: "JSON" | "Text";
  readonly ApplicationLogLevel?: string;
  readonly SystemLogLevel?: string;
  readonly LogGroup?: string;
}

/** Record of a Lambda function, as it was asked for. */
export interface FunctionSettings {
  readonly LoggingConfig?: LoggingConfig;
  readonly DeadLetterConfig?: { readonly TargetArn?: string };
  readonly KMSKeyArn?: string;
}

/** An alias of a function, as GetAlias shows it. */
export interface AliasRecord {
  readonly AliasArn: string;
  readonly Name: string;
  /** Statements of its own policy, by their ids; no part of GetAlias. */
  readonly statements: Record<string, object>;
  FunctionVersion?: string;
  Description?: string;
}

/** Rules for asynchronous invocations of a function or an alias, as GetFunctionEventInvokeConfig shows them. */
export interface InvokeConfigRecord {
  readonly FunctionArn: string;
  readonly LastModified: Date;
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
  readonly DestinationConfig?: object;
}

/** A queue whose messages a function gets, as GetEventSourceMapping shows it. */
export interface EventSourceMapping {
  readonly UUID: string;
  readonly EventSourceMappingArn: string;
  readonly EventSourceArn: string;
  readonly FunctionArn: string;
  readonly State: "Enabled" | "Disabled";
  readonly BatchSize: number;
  readonly MaximumBatchingWindowInSeconds: number;
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number };
  readonly Tags: Readonly<Record<string, string>>;
}

/** Record of what an Auto Scaling group wants; moto's own group always wants nothing. */
export interface GroupRecord {
  minSize: number;
  desired: number;
  /** Newest first. */
  readonly activities: Activity[];
}

/** A multipart upload that is neither complete nor aborted. moto forgets when it began, and takes its parts for any key. */
export interface UploadRecord {
  readonly bucket: string;
  readonly key: string;
  readonly initiated: Date;
}

/** Life-cycle configuration of a bucket. moto keeps it without the sizes in filters. */
export interface LifecycleRecord {
  /** The document as it was put, each rule with its id. */
  readonly xml: string;
  readonly rules: readonly LifecycleRule[];
}

/** The front's memory of one region; each record by the resource's id unless its comment says otherwise. */
export interface RegionState {
  readonly launchTemplates: Record<string, LaunchTemplateRecord>;
  /** By client token. */
  readonly launches: Record<string, LaunchRecord>;
  readonly snapshots: Record<string, SnapshotRecord>;
  /** Snapshots of moto's own making, which nobody is shown. */
  readonly hiddenSnapshots: Set<string>;
  readonly images: Record<string, ImageRecord>;
  readonly volumes: Record<string, VolumeRecord>;
  /** Volumes that are being attached at this moment. */
  readonly attaching: Set<string>;
  /** By `SNAPSHOT ZONE`. */
  readonly fastRestores: Record<string, FastRestoreRecord>;
  /** By name. */
  readonly autoScalingGroups: Record<string, GroupRecord>;
  readonly recycleBinRules: Record<string, RecycleBinRule>;
  /** By function name. */
  readonly functions: Record<string, FunctionSettings>;
  /** Key by log group's name, if it has changed since the group was made; null: none. */
  readonly logGroupKeys: Record<string, string | null>;
  /** By `FUNCTION ALIAS`. */
  readonly functionAliases: Record<string, AliasRecord>;
  /** By `FUNCTION QUALIFIER`; `$LATEST` for the function itself. */
  readonly invokeConfigs: Record<string, InvokeConfigRecord>;
  readonly eventSourceMappings: Record<string, EventSourceMapping>;
  /** By repository prefix. */
  readonly pullThroughRules: Record<string, PullThroughRule>;
  /** By prefix, without the slash at its end. */
  readonly creationTemplates: Record<string, CreationTemplate>;
  /** By password. */
  readonly ecrTokens: Record<string, EcrToken>;
  /** By name. */
  readonly ecrRepositories: Record<string, EcrRepository>;
  /** By name; all of them in the region of the service's one endpoint. */
  readonly budgets: Record<string, BudgetRecord>;
  /** CodeBuild's projects by name. */
  readonly buildProjects: Record<string, BuildProject>;
  readonly builds: Record<string, BuildRecord>;
  /** By idempotency token. */
  readonly buildRequests: Record<string, BuildRequest>;
  readonly dlmPolicies: Record<string, DlmPolicy>;
  /** EventBridge's metric MatchedEvents: by rule's name, when it matched an event. */
  readonly matchedEvents: Record<string, Date[]>;
  /** By upload id, in the region that it was begun from. */
  readonly s3Uploads: Record<string, UploadRecord>;
  /** By bucket, in the region that it was put from. */
  readonly s3Lifecycles: Record<string, LifecycleRecord>;
  /** Time at which each schedule last ran, by `POLICY SCHEDULE`. */
  readonly dlmRuns: Record<string, Date>;
}

/** An empty region. */
export function emptyRegion(): RegionState {
  return {
    launchTemplates: named(),
    launches: named(),
    snapshots: named(),
    hiddenSnapshots: new Set(),
    images: named(),
    volumes: named(),
    attaching: new Set(),
    fastRestores: named(),
    autoScalingGroups: named(),
    recycleBinRules: named(),
    functions: named(),
    logGroupKeys: named(),
    functionAliases: named(),
    invokeConfigs: named(),
    eventSourceMappings: named(),
    pullThroughRules: named(),
    creationTemplates: named(),
    ecrTokens: named(),
    ecrRepositories: named(),
    budgets: named(),
    buildProjects: named(),
    builds: named(),
    buildRequests: named(),
    dlmPolicies: named(),
    matchedEvents: named(),
    s3Uploads: named(),
    s3Lifecycles: named(),
    dlmRuns: named(),
  };
}

/** An empty record of things by name. It inherits nothing: `constructor` is a name that a client may choose, and a password that it may guess. */
function named<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}
