/**
 * The configuration, resolved: what one cache needs in one region for one architecture. Literals only.
 * Constructs take the same fields as props; there a value may also be a Terraform expression.
 */
import { CI_IMAGES } from "../ci-images";
import type { Architecture, ImageStore, RotationSettings } from "../contract";
import { type Backend, LAYER_CACHE } from "../layer-cache";
import { PULL_THROUGH, type PullThroughMap, type PullThroughRule } from "../pull-through";

/** A registry the builder logs in to. Amazon ECR needs no entry. */
export interface RegistryLogin {
  /** Host, with its port if it has one, e.g. `ghcr.io`. */
  readonly host: string;
  /** Name (never value) of a Secrets Manager secret: JSON with `username` and `password`, or `accessToken`. */
  readonly secretName: string;
  /** Key of the secret if it is a customer key. */
  readonly kmsKeyArn: string | null;
}

/** Outgoing proxy of the instances; all null: none. */
export interface Proxy {
  readonly http: string | null;
  readonly https: string | null;
  /** Hosts reached directly, comma-separated; the metadata address is always added. */
  readonly no: string | null;
}

export interface Network {
  /** null: a default subnet of the default VPC, with a public IP address as its only way out. */
  readonly subnetId: string | null;
  /** null: only without a subnet. */
  readonly associatePublicIpAddress: boolean | null;
  /** Security groups instead of our own, which admits nothing; empty: our own. */
  readonly securityGroupIds: readonly string[];
  readonly proxy: Proxy;
}

/** Fields of everything with resources of its own: a cache's builder, rotation and worker, and each entry of a companion. */
export interface Owned {
  /** Name of the cache or entry, the value of the tag `docker-cache:name`. */
  readonly name: string;
  /** Tags for every resource, beside our own. */
  readonly tags: Readonly<Record<string, string>>;
  readonly permissionsBoundaryArn: string | null;
  /** IAM path of the roles, begins and ends with `/`. */
  readonly rolePath: string;
  /** Customer key of the region for what is stored there; null: the AWS managed keys. */
  readonly kmsKeyArn: string | null;
}

/** Fields of everything that has log groups. */
export interface Logged {
  /** Days that CloudWatch Logs keeps events. */
  readonly logRetentionDays: number;
}

/** Fields that builder, rotation and worker of a cache share. */
export interface Common extends Owned {
  readonly architecture: Architecture;
}

/** One entry of a companion in a region, resolved. Each noun extends it with fields of its own. */
export interface CompanionSettings extends Owned {
  /** Name of the noun, the value of the tag `docker-cache:companion`. */
  readonly noun: string;
}

/** Pull-through in one region, resolved. */
export interface PullThroughSettings extends CompanionSettings, Logged {
  /** Sorted by prefix; that of ECR Public is among them unless it is switched off. */
  readonly rules: readonly PullThroughRule[];
  /** Days after the push at which ECR deletes an image; null: never. */
  readonly expireAfterDays: number | null;
  /** Of all that ECR costs in the region; null: no budget. */
  readonly monthlyBudgetUsd: number | null;
}

/** True of the settings of pull-through, of which a region has one at most. */
export function isPullThrough(settings: CompanionSettings): settings is PullThroughSettings {
  return settings.noun === PULL_THROUGH;
}

/** An entry of CI images in one region, resolved. */
export interface CiImagesSettings extends CompanionSettings {
  /** Name of the repository in ECR, without the registry's host. */
  readonly repository: string;
  /** Days after the push at which ECR deletes an image. */
  readonly maxAgeDays: number;
}

/** True of the settings of CI images, of which a region has as many as it likes, by name. */
export function isCiImages(settings: CompanionSettings): settings is CiImagesSettings {
  return settings.noun === CI_IMAGES;
}

/** The buildx builder of a layer cache's jobs. */
export interface LayerBuilder {
  /** Name by which buildx knows it. */
  readonly name: string;
  /** Reference of BuildKit's image. */
  readonly image: string;
  /** What its own storage may take, in GiB. */
  readonly keepGib: number;
}

/** An entry of the layer cache in one region, resolved. */
export interface LayerCacheSettings extends CompanionSettings {
  readonly backend: Backend;
  /** A bucket of the user's; null: ours, or none with `ecr`. */
  readonly bucket: string | null;
  /** Days after its last write at which a manifest expires. */
  readonly expireAfterDays: number;
  /** Globs of branches, in the order of the file. Jobs alone read them. */
  readonly protectedBranches: readonly string[];
  /** Jobs alone read it. */
  readonly builder: LayerBuilder;
}

/** True of the settings of the layer cache, of which a region has as many as it likes, by name. */
export function isLayerCache(settings: CompanionSettings): settings is LayerCacheSettings {
  return settings.noun === LAYER_CACHE;
}

export interface Instance {
  /** An AMI id, or `resolve:ssm:PARAMETER`, resolved at launch. */
  readonly imageId: string;
  readonly instanceType: string;
  /** `/dev/xvda` on Amazon Linux, `/dev/sda1` on Ubuntu. */
  readonly rootDeviceName: string;
  readonly rootVolumeSizeGib: number;
}

export interface CacheVolume {
  readonly sizeGib: number;
  readonly type: string;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
}

export interface BuilderSettings extends Common, Logged {
  /** Lines of the contract: `REFERENCE[ optional][ warm=whole][ smoke=COMMAND]`. */
  readonly images: readonly string[];
  /** Images beside them from ECR of the builder's own region, each optional: `REPOSITORY:TAG`, sorted. */
  readonly imagesFrom: readonly string[];
  readonly store: ImageStore;
  readonly instance: Instance;
  readonly volume: CacheVolume & { readonly fileSystem: "xfs" | "ext4"; readonly generation: number };
  /** Times of day `HH:MM`; empty if `scheduleExpression` is set. */
  readonly buildAt: readonly string[];
  /** `cron()` or `rate()`, only if nothing is replicated. */
  readonly scheduleExpression: string | null;
  /** IANA name. */
  readonly timeZone: string;
  /** Minutes for which EventBridge Scheduler retries a launch. */
  readonly launchRetryMinutes: number;
  readonly watchdogMinutes: number;
  /** `HH:MM` UTC; null: no region copies from here, and there is no gate. */
  readonly replicateAt: string | null;
  /** Regions that copy this cache from here; DLM schedule 1 to 4, at most three regions each. */
  readonly copyTo: readonly { readonly region: string; readonly kmsKeyArn: string | null; readonly schedule: number }[];
  /** Days that DLM keeps its snapshots here and its copies there. */
  readonly copyRetentionDays: number;
  readonly network: Network;
  readonly registries: readonly RegistryLogin[];
  /** Upstream host, or host and path, to the beginning of a repository in ECR, e.g. `docker.io` to `docker-hub`; empty: pull from upstream. */
  readonly pullThrough: PullThroughMap;
  /** Pulls at once. */
  readonly parallelPulls: number;
  /** Share of the used bytes that the traced blocks of the hot set may take. */
  readonly hotSetPercent: number;
}

export interface RotationProps extends Common, Logged, Omit<RotationSettings, "name" | "architecture"> {
  /** Lambda's name of it, e.g. `nodejs22.x`. */
  readonly lambdaRuntime: string;
  /** null: the account's unreserved concurrency. */
  readonly reservedConcurrency: number | null;
  /** Days that the Recycle Bin keeps deleted snapshots; null: no rule. */
  readonly recycleBinDays: number | null;
  /** Topic that alarms go to. */
  readonly alarmTopicArn: string;
}

export interface WorkerSettings extends Common {
  readonly store: ImageStore;
  readonly instance: Instance;
  /** Size of the worker's cache volume (at least the snapshot's) and its kind. */
  readonly volume: CacheVolume;
  /** `lazy`: hot-set hydration; `rate`: volume initialization rate; `fsr`: fast snapshot restore. */
  readonly warmth: "lazy" | "rate" | "fsr";
  /** 100 to 300, with `rate` only. */
  readonly initializationRateMibps: number | null;
  readonly hydrate: "hot" | "all" | "none";
  /** Ceiling of hydration behind the hot set; null: none. */
  readonly hydrateRateMibps: number | null;
  /** Whether the cache is put in place before Docker, or after it. */
  readonly start: "early" | "late";
  /** Seconds that a worker waits for its cache before it starts Docker without it. */
  readonly timeoutSeconds: number;
  /** Less free space than this on the cache volume counts as a failure. */
  readonly minFreeGib: number;
  readonly network: Network;
  /** 1, or 2 if containers need the metadata service. */
  readonly metadataHopLimit: number;
  /** The user's instance profile instead of ours; null: ours. */
  readonly instanceProfileName: string | null;
  /** As the builder's, if workers may pull through ECR's cache; empty: they may not. */
  readonly pullThrough: PullThroughMap;
  /** Policies attached to our role. */
  readonly policyArns: readonly string[];
  /** The consumer's own script, run after ours whether the cache worked or not; null: none. */
  readonly script: string | null;
}

/** One cache in one region for one architecture. */
export interface Cell {
  readonly region: string;
  readonly cache: string;
  readonly architecture: Architecture;
  /** null if the region only copies. */
  readonly builder: BuilderSettings | null;
  readonly rotation: Omit<RotationProps, "alarmTopicArn">;
  readonly worker: WorkerSettings;
}

/** One region of a deployment: a stack of each noun that has something there. */
export interface Region {
  readonly name: string;
  readonly notifications: { readonly email: string | null; readonly topicArn: string | null };
  readonly kmsKeyArn: string | null;
  readonly cells: readonly Cell[];
  /** Entries of the companions that are in this region, by noun and name. */
  readonly companions: readonly CompanionSettings[];
}

export type StateBackend =
  | { readonly backend: "local" }
  | {
      readonly backend: "s3";
      readonly bucket: string;
      readonly region: string;
      readonly keyPrefix: string;
      readonly kmsKeyArn: string | null;
    };

export interface Deployment {
  readonly project: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly state: StateBackend;
  /** Version range of `hashicorp/aws`. */
  readonly awsProviderVersion: string;
  readonly regions: readonly Region[];
}
