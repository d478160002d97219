/**
 * The settings that Terraform hands to the scripts, as `export NAME='base64'` lines: names, meaning, and how null is said (the empty string).
 * The stacks fill them, the scripts read them; a test holds that each side knows exactly these. How the lines and the script are joined: ./render.ts.
 */

/** Read by the scripts of both nouns. Lists are one item a line. */
const COMMON = {
  CACHE_NAME: "the cache's name",
  CACHE_ARCHITECTURE: "x86_64 or arm64",
  IMAGE_STORE: "overlay2 or containerd",
  HTTP_PROXY_URL: "proxy for http, or empty",
  HTTPS_PROXY_URL: "proxy for https, or empty",
  NO_PROXY_HOSTS: "hosts reached directly, comma-separated, or empty",
} as const;

export const BUILDER_SETTINGS = {
  ...COMMON,
  CACHE_VOLUME_ID: "id of the cache volume, vol-…",
  DEVICE_NAME: "device name by which the builder attaches it, /dev/sdf",
  FILE_SYSTEM: "xfs or ext4",
  WATCHDOG_MINUTES: "power off after this, whatever happens",
  REPLICATE_AT: "HH:MM UTC of the daily replication, or empty: no gate",
  SCRIPT_PARAMETER_PATH: "path below which the second half of the script is, gzipped in base64",
  SCRIPT_SHA256: "SHA-256 of the second half, in hex",
  IMAGES_PARAMETER_PATH: "path below which the image lines are",
  REJECTED_PARAMETER: "name of the parameter of rejected contents",
  LOG_GROUP: "log group that the build's log is shipped to",
  MANIFEST_LOG_GROUP: "log group in which manifests are published",
  REGISTRY_LOGINS: "lines of HOST SECRET-NAME",
  PULL_THROUGH: "lines of KEY ECR-PREFIX; KEY is an upstream host, or one with a path: `docker.io/library`",
  PARALLEL_PULLS: "pulls at once",
  HOT_SET_PERCENT: "share of the used bytes that traced blocks may take in the hot set",
} as const;

export const WORKER_SETTINGS = {
  ...COMMON,
  TIMEOUT_SECONDS: "longest wait for the cache before Docker starts without it",
  MIN_FREE_GIB: "least free space on the cache volume",
  HYDRATE: "hot, all or none",
  HYDRATE_RATE_MIBPS: "ceiling of hydration behind the hot set, or empty",
  USER_SCRIPT:
    "the consumer's own script, run last; alone among the settings it is gzipped: base64gzip(script), or empty for none",
} as const;

export type CommonSetting = keyof typeof COMMON;
export type BuilderSetting = keyof typeof BUILDER_SETTINGS;
export type WorkerSetting = keyof typeof WORKER_SETTINGS;
