/**
 * Bytes of user data as an instance gets it, against the 16 KiB that EC2 takes. Measured for each noun with the least that a configuration must
 * say, and with all that it may say. Terraform's own `base64gzip` packs it if there is a Terraform, else zlib. Stack and module hand over the
 * same lines (a test plans both), so one row stands for both faces.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { findTerraform } from "../lab/tools/terraform";
import { PARAMETER_VALUE_MAXIMUM } from "../lib/contract";
import {
  base64gzip,
  bundleScript,
  renderBuilder,
  renderLateWorker,
  renderSnippet,
  renderWorker,
  USER_DATA_MAXIMUM_BYTES,
} from "../lib/userdata/render";

const terraform = findTerraform();

/** Bytes of `text`, gzipped. */
function gzipped(text: string): number {
  return unbase64(terraform === undefined ? base64gzip(text).length : packedByTerraform(terraform, text));
}

/** Bytes that stand for so many characters of base64, to within the padding. */
const unbase64 = (characters: number) => Math.ceil((characters / 4) * 3);

/** Length of `base64gzip` of `text`. */
function packedByTerraform(command: string, text: string): number {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-bench-"));
  try {
    writeFileSync(join(folder, "text"), text);
    const options = { cwd: folder, input: 'length(base64gzip(file("text")))\n', encoding: "utf8" as const };
    return Number(execFileSync(command, ["console"], options));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const common = { CACHE_NAME: "ci", CACHE_ARCHITECTURE: "x86_64", IMAGE_STORE: "overlay2", DEVICE_NAME: "/dev/sdf" };
/** The longest values that the configuration allows, or about the longest that anyone has. */
const most = {
  CACHE_NAME: "a-cache-with-a-long-name",
  IMAGE_STORE: "containerd",
  HTTP_PROXY_URL: "http://proxy.internal.example.com:3128",
  HTTPS_PROXY_URL: "http://proxy.internal.example.com:3128",
  NO_PROXY_HOSTS: ".internal.example.com,.example.org,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
};
const registries = Array.from({ length: 8 }, (_, index) => `registry-${index}.example.com ci/registries/team-${index}`);

const builder = {
  ...common,
  CACHE_VOLUME_ID: "vol-0123456789abcdef0",
  FILE_SYSTEM: "xfs",
  WATCHDOG_MINUTES: "120",
  SCRIPT_PARAMETER_PATH: "/docker-cache/ci/x86_64/script/0123456789abcdef",
  SCRIPT_SHA256: "0123456789abcdef".repeat(4),
  IMAGES_PARAMETER_PATH: "/docker-cache/ci/x86_64/images",
  REJECTED_PARAMETER: "/docker-cache/ci/x86_64/rejected",
  LOG_GROUP: "/docker-cache/ci/x86_64/builder",
  MANIFEST_LOG_GROUP: "/docker-cache/ci/x86_64/manifests",
  PARALLEL_PULLS: "4",
  HOT_SET_PERCENT: "20",
};
const builderMost = {
  ...builder,
  ...most,
  REPLICATE_AT: "06:00",
  REGISTRY_LOGINS: registries.join("\n"),
  PULL_THROUGH: "docker.io docker-hub\nghcr.io github\nquay.io quay\npublic.ecr.aws ecr-public\nregistry.k8s.io k8s",
};
const worker = { ...common, TIMEOUT_SECONDS: "60", MIN_FREE_GIB: "5", HYDRATE: "hot" };
const workerMost = { ...worker, ...most, HYDRATE: "all", HYDRATE_RATE_MIBPS: "1000" };

/** A worker's text, its script as Terraform packs it, before it is gzipped whole. */
function unpackedBytes(text: string): number {
  const script = bundleScript("worker");
  return Buffer.byteLength(text) - base64gzip(script).length + Math.ceil(gzipped(script) / 3) * 4;
}

/** A script of `bytes` bytes, as hard to pack as ours. */
const scriptOf = (bytes: number) => bundleScript("build").slice(0, bytes);

/** Bytes of a consumer's own script that still fit. */
function roomForScript(): number {
  let [fits, tooLong] = [0, scriptOf(1e9).length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    const bytes = gzipSync(renderWorker({ ...worker, USER_SCRIPT: scriptOf(middle) }), { level: 9 }).byteLength;
    [fits, tooLong] = bytes <= USER_DATA_MAXIMUM_BYTES ? [middle, tooLong] : [fits, middle];
  }
  return fits;
}

function print(what: string, bytes: number): void {
  const share = ((100 * bytes) / USER_DATA_MAXIMUM_BYTES).toFixed(0);
  console.log(
    `  ${what.padEnd(48)} ${String(bytes).padStart(6)} bytes, ${share.padStart(3)} % (${USER_DATA_MAXIMUM_BYTES - bytes} left)`,
  );
}

console.log(
  `User data, of at most ${USER_DATA_MAXIMUM_BYTES} bytes, packed by ${terraform === undefined ? "zlib" : "Terraform"}, in stack and module alike:`,
);
print("builder, gzipped whole, with defaults", gzipped(renderBuilder(builder)));
print("builder, with everything and eight registries", gzipped(renderBuilder(builderMost)));
const build = base64gzip(bundleScript("build")).length;
console.log(
  `  builder, second half                             ${build} characters in ${Math.ceil(build / PARAMETER_VALUE_MAXIMUM)} parameters of ${PARAMETER_VALUE_MAXIMUM}`,
);
print("worker, early: MIME, gzipped whole", gzipped(renderWorker(worker)));
print("worker, early, with everything but a script", gzipped(renderWorker(workerMost)));
print("worker, early, with a script of 4 KiB", gzipped(renderWorker({ ...worker, USER_SCRIPT: scriptOf(4096) })));
print("worker, late: a plain script, gzipped whole", gzipped(renderLateWorker(worker)));
print("worker, plain script as it is (`user_data`)", unpackedBytes(renderLateWorker(worker)));
print("worker, snippet as it is (`user_data_snippet`)", unpackedBytes(renderSnippet(worker)));
console.log(`  a worker's own script may have about ${roomForScript()} bytes of shell`);
