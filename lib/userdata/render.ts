/**
 * User data, rendered: the static scripts of a noun become one, and settings come in front of it. Pure except for reading the scripts.
 *
 * The user data of an instance:
 *
 *     #!/bin/bash
 *     export NAME='base64 of the value'     one line a setting, in the order of ./settings.ts
 *     …builder: the bundle; worker: one more such line, WORKER_SCRIPT, whose value is base64gzip(the bundle), and the few lines that unpack it…
 *
 * Terraform joins these parts itself (`file()`), so that values may be known at plan time only; no template language is involved. The
 * builder's user data is gzipped whole, the worker's is text (docs/decisions/0002-user-data-size.md).
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { BUILDER_SETTINGS, type BuilderSetting, WORKER_SETTINGS, type WorkerSetting } from "./settings";
import { stripComments, stripPythonComments } from "./strip-comments";

export type UserDataNoun = "builder" | "worker";

/** First line of all user data: cloud-init runs what begins so. */
export const SHEBANG = "#!/bin/bash";

/** Raw bytes that EC2 takes as user data, before base64 (EC2 User Guide, "Add user data"). */
export const USER_DATA_MAXIMUM_BYTES = 16_384;

const SHARED = [
  "contract",
  "settings",
  "log",
  "metadata",
  "proxy",
  "file-system",
  "docker-root",
  "data-root",
  "daemon-json",
] as const;

/** The scripts of each noun, in order: functions, then the one line that calls `main`. */
export const SCRIPTS: Readonly<Record<UserDataNoun, readonly string[]>> = {
  builder: [
    ...SHARED.map((name) => `shared/${name}.sh`),
    ...[
      "settings",
      "watchdog",
      "gate",
      "outcome",
      "log-shipping",
      "instance",
      "distribution",
      "volume",
      "format",
      "images",
      "registries",
      "resolve",
      "content",
      "docker",
      "pull",
      "proof",
      "hot-set",
      "publish",
      "main",
    ].map((name) => `builder/${name}.sh`),
    "shared/call-main.sh",
  ],
  worker: [
    ...SHARED.map((name) => `shared/${name}.sh`),
    ...[
      "settings",
      "status",
      "disk",
      "manifest",
      "hydrate",
      "mount",
      "docker",
      "boot-service",
      "user-script",
      "main",
    ].map((name) => `worker/${name}.sh`),
    "shared/call-main.sh",
  ],
};

const readFile = (path: string) => readFileSync(join(__dirname, path), "utf8");

/** A script as it is bundled. Python becomes a function of bash that runs it: `worker/read-ahead.py` is `read_ahead`. */
function read(path: string): string {
  if (!path.endsWith(".py")) return stripComments(readFile(path));
  const name = basename(path, ".py").replaceAll("-", "_");
  return `${name}() {\npython3 -I -S - "$@" <<'PY'\n${stripPythonComments(readFile(path))}PY\n}\n`;
}

/** First line of what is written beside the Terraform code, for editors and linters. */
const SHELL = "# shellcheck shell=bash\n";

/** The noun's scripts as one, without comments: what Terraform reads by `file()`. Same scripts, same bytes. */
export function bundleScript(noun: UserDataNoun): string {
  return `${SHELL}# Made of lib/userdata/{shared,${noun}}/*.sh, where the comments are.\n${SCRIPTS[noun].map(read).join("")}`;
}

/** The end of a worker's user data, which unpacks and runs `WORKER_SCRIPT`. */
export function unpackScript(): string {
  return `${SHELL}${read("worker/unpack.sh")}`;
}

/** As Terraform's `base64gzip`: the same content, though not always the same bytes. */
export function base64gzip(text: string): string {
  return gzipSync(text, { level: 9 }).toString("base64");
}

/** The line that hands a setting to the scripts. */
export function settingLine(name: string, base64: string): string {
  return `export ${name}='${base64}'`;
}

/** All settings of a noun as lines, in order; what is not given is empty. A value is base64 of the text, `USER_SCRIPT` of its gzip. */
function settingLines(names: object, settings: Readonly<Record<string, string | undefined>>): string {
  const encode = (name: string, value: string) =>
    name === "USER_SCRIPT" && value !== "" ? base64gzip(value) : Buffer.from(value).toString("base64");
  return Object.keys(names)
    .map((name) => `${settingLine(name, encode(name, settings[name] ?? ""))}\n`)
    .join("");
}

/** Returns a builder's user data before it is gzipped, with all values known. */
export function renderBuilder(settings: Readonly<Partial<Record<BuilderSetting, string>>>): string {
  return `${SHEBANG}\n${settingLines(BUILDER_SETTINGS, settings)}${bundleScript("builder")}`;
}

/** Returns a worker's user data, with all values known; `USER_SCRIPT` is given as plain text. */
export function renderWorker(settings: Readonly<Partial<Record<WorkerSetting, string>>>): string {
  const script = settingLine("WORKER_SCRIPT", base64gzip(bundleScript("worker")));
  return `${SHEBANG}\n${settingLines(WORKER_SETTINGS, settings)}${script}\n${unpackScript()}`;
}

/** Advice by noun: what makes user data longer, and so how to make it shorter. */
export const SHORTEN_USER_DATA: Readonly<Record<UserDataNoun, string>> = {
  builder: "name fewer registries or pull-through prefixes, or shorten the list of hosts without proxy",
  worker: "shorten the worker's script, or let it fetch its larger part",
};

/** Returns what is wrong with user data of this many bytes, or undefined if nothing is. */
export function checkUserDataSize(noun: UserDataNoun, bytes: number): string | undefined {
  if (bytes <= USER_DATA_MAXIMUM_BYTES) return undefined;
  return `the user data has ${bytes} bytes, and EC2 takes ${USER_DATA_MAXIMUM_BYTES}: ${SHORTEN_USER_DATA[noun]}`;
}
