/**
 * Contract on which builder, rotation and worker must agree, and nothing else: the three meet here, never through remote state.
 * Everything in this file is a contract with deployed resources: changing a value is a breaking change.
 */

/** CPU architectures, by EC2's names. */
export const ARCHITECTURES = ["x86_64", "arm64"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** Docker's image stores: the overlay2 graph driver, or containerd's (Docker 24 and later). */
export const IMAGE_STORES = ["overlay2", "containerd"] as const;
export type ImageStore = (typeof IMAGE_STORES)[number];

/** Proofs of a copy. */
export const COPY_PROOFS = ["dlm", "tags"] as const;
export type CopyProof = (typeof COPY_PROOFS)[number];

/** Keys of the tags. Values and writers: docs/architecture.md. */
export const TAG = {
  name: "docker-cache:name",
  architecture: "docker-cache:architecture",
  role: "docker-cache:role",
  replicate: "docker-cache:replicate",
  consume: "docker-cache:consume",
  device: "docker-cache:device",
  mapping: "docker-cache:mapping",
  state: "docker-cache:state",
  buildId: "docker-cache:build-id",
  outcome: "docker-cache:outcome",
  content: "docker-cache:content",
  checked: "docker-cache:checked",
  store: "docker-cache:store",
  manifest: "docker-cache:manifest",
  deleteAfter: "docker-cache:delete-after",
  deletionRefused: "docker-cache:deletion-refused",
  pin: "docker-cache:pin",
  companion: "docker-cache:companion",
  watchdogMinutes: "docker-cache:watchdog-minutes",
} as const;

/** Bounds of a builder's watchdog, in minutes. What a tag says beyond them counts for nothing. */
export const WATCHDOG_MINUTES = { least: 10, most: 720 } as const;

/** The volume's tags that the builder writes; Terraform ignores them key by key and never declares them. */
export const BUILDER_VOLUME_TAGS = [TAG.state, TAG.buildId, TAG.content, TAG.checked, TAG.store, TAG.manifest] as const;

export const ROLES = { cacheVolume: "cache-volume", builder: "builder", worker: "worker" } as const;
export const STATES = ["building", "ready", "rejected"] as const;
/** Outcomes that a builder reports, last: built, found nothing to do, left the field to another, or failed. */
export const OUTCOMES = ["ready", "checked", "yielded", "failed"] as const;

/**
 * Host of a registry in ECR, as a regular expression that JavaScript, RE2 and bash read alike: account, `-fips` or nothing, region, domain.
 * `DNS_SUFFIX` stands for that of the partition, with its dots in brackets: a token of one partition goes to no host of another. The second form of the
 * domain is that of dual-stack hosts (Amazon ECR User Guide, "Making requests to Amazon ECR registries"; that of eusc by analogy).
 */
export const ECR_HOST =
  "([0-9]{12})[.]dkr[.-]ecr(-fips)?[.]([a-z0-9-]+)[.](DNS_SUFFIX|on[.]aws|on[.]amazonwebservices[.](com[.]cn|eu))";

/** Tags that DLM writes; nobody else can write a key that begins with `aws:`. */
export const DLM_TAG = {
  policyId: "aws:dlm:lifecycle-policy-id",
  scheduleName: "aws:dlm:lifecycle-schedule-name",
  expirationTime: "aws:dlm:expirationTime",
} as const;

/** Device name of the cache volume in mappings and attachments; Nitro instances show it under an NVMe name. */
export const CACHE_DEVICE_NAME = "/dev/sdf";
/** Mount point of the cache volume, on builder and worker. Docker's data-root and containerd's root lie below it. */
export const MOUNT_POINT = "/var/lib/docker-cache";
export const DATA_ROOT = `${MOUNT_POINT}/docker`;
export const CONTAINERD_ROOT = `${MOUNT_POINT}/containerd`;
/** Label of the file system: 12 characters, the most that XFS takes. */
export const FILE_SYSTEM_LABEL = "docker-cache";
/** Below the volume's root. */
export const MANIFEST_PATH = ".docker-cache/manifest.json";
/**
 * The facts of the manifest that a worker needs, as text that needs no JSON parser. Line 1: manifest version, name, architecture, store, engine
 * major, build id, content. Then an image reference a line. The manifest names it with its hash.
 */
export const FACTS_PATH = ".docker-cache/facts";
/** Days for which CloudWatch keeps a published manifest: longer than any snapshot is kept by default. */
export const MANIFEST_RETENTION_DAYS = 400;
export const HOT_SET_PATH = ".docker-cache/hot-set";
/** On a worker: what became of the cache. */
export const STATUS_PATH = "/run/docker-cache/status.json";

/** Version written into manifests; readers accept this one and the one before (R18). */
export const MANIFEST_VERSION = 2;

/** One image in the manifest. */
export interface ManifestImage {
  /** As configured and as workers will ask for it, e.g. `python:3.12-slim`. */
  readonly reference: string;
  /** Digest of the manifest or index that the reference resolved to, `sha256:…`. */
  readonly digest: string;
  /** Docker's image id, `sha256:…`. */
  readonly id: string;
  /** Uncompressed size in bytes, as Docker reports it. */
  readonly size: number;
  readonly optional: boolean;
}

/** `.docker-cache/manifest.json`: removed first by a build and written last, so that its presence means a complete volume. */
export interface Manifest {
  readonly version: number;
  readonly name: string;
  readonly architecture: Architecture;
  readonly buildId: string;
  readonly content: string;
  /** Image store and engine major, e.g. `overlay2/25`. */
  readonly store: string;
  readonly engine: string;
  readonly kernel: string;
  readonly fileSystem: "xfs" | "ext4";
  readonly createdAt: string;
  readonly images: readonly ManifestImage[];
  /** {@link FACTS_PATH}; since version 2. */
  readonly facts: { readonly path: string; readonly sha256: string };
  /** Sha256 of the hot-set file, how it was found (traced by the kernel's block tracer, or not at all), and its bytes without the rest. */
  readonly hotSet: { readonly sha256: string; readonly source: "traced" | "none"; readonly bytes: number };
}

/** Value of the pointer before the first promotion and when nothing is promotable (SSM refuses an empty value). */
export const POINTER_NONE = "none";
/** Most contents that the `rejected` parameter holds, newest first, one per line; `none` when empty. */
export const REJECTED_MAXIMUM = 50;
/** Contents that a value of the `rejected` parameter names; none if there is no such parameter. */
export function parseRejected(value: string | undefined): string[] {
  const lines = (value ?? "").split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && line !== POINTER_NONE);
}
/** Characters of a Standard parameter's value (AWS Systems Manager quotas). */
export const PARAMETER_VALUE_MAXIMUM = 4096;

/** `/docker-cache/<name>/<architecture>`: prefix of all parameters of a cache. */
export function parameterPrefix(name: string, architecture: string): string {
  return `/docker-cache/${name}/${architecture}`;
}

/** Paths of the parameters of a cache. Arguments may be Terraform expressions. */
export function parameterPaths(name: string, architecture: string) {
  const prefix = parameterPrefix(name, architecture);
  return {
    pointer: `${prefix}/snapshot-id`,
    rejected: `${prefix}/rejected`,
    volumeId: `${prefix}/volume-id`,
    images: `${prefix}/images`,
    /** Below it, by its hash, the second half of the builder's script. */
    script: `${prefix}/script`,
  } as const;
}

/** `<name>/<architecture>`: value of the tags `replicate` and `consume`. */
export function cacheId(name: string, architecture: string): string {
  return `${name}/${architecture}`;
}

/** Names of what a cache creates in a region. Arguments may be Terraform expressions. */
export function resourceNames(name: string, architecture: string, region: string) {
  const base = `docker-cache-${name}-${architecture}`;
  return {
    builder: `${base}-builder`,
    builderRole: `${base}-builder-${region}`,
    schedulerRole: `${base}-scheduler-${region}`,
    dlmRole: `${base}-dlm-${region}`,
    builderLogGroup: `/docker-cache/${name}/${architecture}/builder`,
    /** Manifests of what was built, each as the one event of a stream whose name is its SHA-256, as in {@link TAG.manifest}. */
    manifestLogGroup: `/docker-cache/${name}/${architecture}/manifests`,
    /** Scheduler's dead-letter queue: rotation's alarms watch it by name. */
    builderDeadLetterQueue: `${base}-builder-dlq`,
    rotation: `${base}-rotation`,
    rotationRole: `${base}-rotation-${region}`,
    rotationLogGroup: `/aws/lambda/${base}-rotation`,
    /** Of the module alone: a stack has one topic for all its caches, see {@link alarmTopicName}. */
    rotationAlarmTopic: `${base}-rotation-alarms`,
    /** Scheduled runs of the rotation function that were given up. */
    rotationDeadLetterQueue: `${base}-rotation-dlq`,
    worker: `${base}-worker`,
    workerRole: `${base}-worker-${region}`,
  } as const;
}

/**
 * Names of what wakes the rotation functions of a region: one router for all caches of a deployment, whose project begins the names.
 * Arguments may be Terraform expressions.
 */
export function routerNames(project: string, region: string) {
  const base = `${project}-router`;
  return {
    /** Function, queue and rule alike. */
    router: base,
    routerRole: `${base}-${region}`,
    routerLogGroup: `/aws/lambda/${base}`,
  } as const;
}

/**
 * Alias of each rotation function through which it is woken between its scheduled runs. An alias has a queue of asynchronous events with
 * rules of its own: hints that cannot run soon are dropped without a dead letter.
 */
export const HINT_ALIAS = "hint";
/** Seconds for which Lambda keeps a hint while the function is busy: the least that it takes. */
export const HINT_SECONDS = 60;

/**
 * What wakes a rotation function between its scheduled runs: a rule of its own, which each snapshot of the region sets off, the
 * region's router, or nothing.
 */
export const WAKES = ["rule", "router", "none"] as const;
export type Wake = (typeof WAKES)[number];

/** Tells a function that it is woken between its scheduled runs, and by which snapshots. It reads everything whatever this says. */
export interface Hint {
  readonly hint: readonly string[];
}

/** Name of the topic that the alarms of a noun's stack go to, one in each region. */
export function alarmTopicName(project: string, noun: string): string {
  return `${project}-${noun}-alarms`;
}

/**
 * Names of what pull-through makes, once in an account and region. ECR makes its repositories by itself, below the prefixes of the rules.
 * The argument may be a Terraform expression.
 */
export function pullThroughNames(region: string) {
  const base = "docker-cache-pull-through";
  return {
    /** Role that ECR makes repositories with. */
    role: `${base}-${region}`,
    /** Policy for those who pull. */
    pullerPolicy: `${base}-puller-${region}`,
    /** Rule, its alarm and the log groups' policy alike: what tells of pulls that failed. */
    failures: `${base}-failures`,
    /** EventBridge's own beginning: the console lists no other log group as a target. */
    logGroup: `/aws/events/${base}`,
    budget: `${base}-${region}`,
  } as const;
}

/** Names of what an entry of CI images makes, beside its repository. Arguments may be Terraform expressions. */
export function ciImagesNames(name: string, region: string) {
  const base = `docker-cache-ci-images-${name}`;
  return {
    /** Policy for jobs that use images. */
    pullerPolicy: `${base}-puller-${region}`,
    /** Policy for jobs that push them too. */
    pusherPolicy: `${base}-pusher-${region}`,
  } as const;
}

/** Names of what an entry of the layer cache makes, beside its bucket or its repositories. Arguments may be Terraform expressions. */
export function layerCacheNames(name: string, region: string) {
  const base = "docker-cache-layer-cache";
  return {
    /** Policy for builds that only read. */
    readerPolicy: `${base}-reader-${name}-${region}`,
    /** Policy for builds of branches that are not protected. */
    branchWriterPolicy: `${base}-branch-writer-${name}-${region}`,
    /** Policy for builds of protected branches. */
    writerPolicy: `${base}-writer-${name}-${region}`,
  } as const;
}

/**
 * Name of the topic that the alarms of a companion's module go to. Arguments may be Terraform expressions.
 *
 * @public for the companions: no noun of today is one.
 */
export function companionAlarmTopicName(noun: string, name: string): string {
  return `docker-cache-${noun}-${name}-alarms`;
}

/**
 * CloudWatch namespace of rotation's metrics. Alarms look here: of our roles only rotation's writes to it. Dimensions are `Name` and
 * `Architecture` if an alarm looks at the metric, and else {@link REGION_DIMENSION}.
 */
export const METRIC_NAMESPACE = "DockerCache";
export const METRIC = {
  /** Hours since the latest of pointer creation, the promoted build, and a `checked` of the promoted or a rejected content. */
  promotedAgeHours: "PromotedAgeHours",
  /** 1 per completed rotation run: the heartbeat. */
  run: "RotationRun",
  failedBuilds: "FailedBuilds",
  /** Foreign snapshots that claim to be ours and were refused, and second volumes that claim to be the cache. */
  foreign: "ForeignSnapshots",
  /** Candidates in a copying region that fail only DLM's proof. */
  unprovenCopies: "UnprovenCopies",
  snapshots: "Snapshots",
  healthySnapshots: "HealthySnapshots",
  /** Snapshots due for deletion that the cap or a reference held back, and how long that number has not shrunk, in hours. */
  overdueDeletions: "OverdueDeletions",
  overdueHours: "OverdueHours",
  /** Instances and volumes of ours that nothing needs. */
  orphans: "Orphans",
  /** 1 while nothing is promotable and workers start cold after having had a snapshot. */
  withdrawn: "Withdrawn",
  /**
   * Hours until DLM deletes the last snapshot that rotation could go on serving. A region that copies tells it; a snapshot that
   * never expires has none.
   */
  servedLifeHours: "ServedLifeHours",
  /** Launch templates whose tags `mapping` or `device` ask for what EC2 would refuse: rotation leaves them as they are. */
  templateProblems: "TemplateProblems",
  /** Versions of launch templates that name a copy which DLM will delete: their launches fail from then on. */
  expiringReferences: "ExpiringReferences",
  /** GiB of the promoted snapshot's volume that no snapshot holds yet: at 0, snapshots have grown as far as they can. */
  freeGrowthGib: "FreeGrowthGib",
} as const;

/**
 * How many alarms a cache has: `all`, or `essential`, those that tell that workers get no cache or an old one, or that nobody sees to
 * it any more.
 */
export const ALARM_SETTINGS = ["all", "essential"] as const;
export type AlarmSetting = (typeof ALARM_SETTINGS)[number];

/**
 * Metrics that alarms look at: with either setting, or with `all` alone. They tell caches apart. AWS bills each metric by its
 * dimensions, so all others are one for the whole region.
 */
export const ALARM_METRICS: Readonly<Record<AlarmSetting, readonly string[]>> = {
  essential: [METRIC.promotedAgeHours, METRIC.run, METRIC.failedBuilds, METRIC.withdrawn],
  all: [METRIC.foreign, METRIC.unprovenCopies, METRIC.overdueHours, METRIC.servedLifeHours, METRIC.templateProblems],
};

/** The one dimension of metrics that a region has once: CloudWatch's embedded format asks for at least one. */
export const REGION_DIMENSION = { name: "Scope", value: "region" } as const;

/** True if a metric tells caches apart, since an alarm of this setting looks at it. */
export function tellsCachesApart(metric: string, setting: AlarmSetting): boolean {
  return ALARM_METRICS.essential.includes(metric) || (setting === "all" && ALARM_METRICS.all.includes(metric));
}

/**
 * Namespace of what workers say of themselves, apart from rotation's. A job on a worker can write whatever it likes here, and no
 * alarm believes it.
 */
export const WORKER_METRIC_NAMESPACE = "DockerCacheWorker";
/**
 * Seconds until a worker knew what became of its cache; dimensions `Name`, `Architecture` and `State`, warm or cold. How many started so is the
 * number of samples.
 */
export const START_METRIC = "WorkerStart";
/** 1 if a worker started cold though a cache volume was mapped; dimensions `Name` and `Architecture`. Until the next release, for dashboards of users. */
export const FALLBACK_METRIC = "WorkerFallback";
/** Share of its volume that a worker with `hydrate: all` has read, each minute and at the end; same dimensions. */
export const HYDRATION_METRIC = "HydrationPercent";

/** Environment variable of the rotation function that holds {@link RotationSettings} as JSON. */
export const ROTATION_SETTINGS_VARIABLE = "DOCKER_CACHE_SETTINGS";

/** Everything the rotation function is told; the same object steers `docker-cache rotate`. */
export interface RotationSettings {
  readonly name: string;
  readonly architecture: Architecture;
  /** Image store workers are configured for: only snapshots of this store are promoted. */
  readonly store: ImageStore;
  /** Highest Docker major version whose snapshots are promoted; null: any. */
  readonly maxEngine: number | null;
  /** Region that builds this cache; null: this region builds it itself. */
  readonly copyFrom: string | null;
  /** Proof of a copy: `dlm` (DLM's own tag, which nobody can forge) or `tags`. */
  readonly copyProof: CopyProof;
  /** Days for which DLM keeps a copy, at least 1. It counts only for copies whose own date is missing or cannot be read. */
  readonly copyRetentionDays: number;
  /** Longest time between two scheduled builds (or arrivals of copies), in hours. */
  readonly cadenceHours: number;
  /** Newest healthy snapshots kept. */
  readonly keepLast: number;
  /** Healthy snapshots younger than this are kept too; 0: none. */
  readonly keepWithinDays: number;
  /** Never fewer healthy ones than this, whatever else says so. */
  readonly minKeep: number;
  /** From the tag `delete-after` to the deletion. */
  readonly deletionGraceHours: number;
  /** Most snapshots that one run deletes; a fifth of our snapshots bounds it too, though never below {@link ROTATION_MINIMUM}. */
  readonly maxDeletionsPerRun: number;
  /** Zones in which fast snapshot restore is on for the promoted snapshot; empty: nowhere. */
  readonly fastRestoreZones: readonly string[];
  /** After this a builder is swept. */
  readonly watchdogMinutes: number;
  /** Period of the reconcile schedule. */
  readonly reconcileMinutes: number;
  /** Alarms that there are, and so which metrics tell this cache from others. */
  readonly alarms: AlarmSetting;
}

/** Least values of settings: the configuration refuses less, and so does the function. */
export const ROTATION_MINIMUM = {
  keepLast: 1,
  keepWithinDays: 0,
  minKeep: 2,
  deletionGraceHours: 24,
  maxDeletionsPerRun: 2,
} as const;
/** Greatest `maxDeletionsPerRun`. */
export const DELETIONS_MAXIMUM = 20;
/** Values of what the configuration leaves out. */
export const ROTATION_DEFAULTS: Omit<RotationSettings, "name" | "architecture"> = {
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

/** `docker-cache:mapping` on a launch template: `key=value` pairs joined by a space, e.g. `size=100 type=gp3 iops=3000`. */
export const MAPPING_KEYS = ["size", "type", "iops", "throughput", "rate"] as const;
