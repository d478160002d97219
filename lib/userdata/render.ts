/**
 * User data, rendered: the static scripts of a noun become one, and settings come in front of it. Pure except for reading the scripts.
 *
 * A builder's user data is a script, gzipped whole:
 *
 *     #!/bin/bash
 *     export NAME='base64 of the value'     one line a setting, in the order of ./settings.ts
 *     …the bundle `boot`…
 *
 * It reads the bundle `build` from parameters, gzipped in base64, and sources it (docs/decisions/0015-builder-in-two-halves.md).
 *
 * A worker's user data is MIME, gzipped whole. Its first part, a boothook, runs before Docker. It has the settings, one more such line,
 * WORKER_SCRIPT, whose value is base64gzip(the bundle), and the lines that unpack it and call it. The second part is the consumer's script. The same
 * also comes as parts, as one plain script that runs after Docker, and as a snippet of such a script (docs/decisions/0012-worker-user-data-is-mime.md).
 *
 * Terraform joins these parts itself (`file()`), so that values may be known at plan time only; no template language is involved.
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle, bundleOne } from "../bundle";
import { remembered } from "../remembered";
import { BUILDER_SETTINGS, type BuilderSetting, WORKER_SETTINGS, type WorkerSetting } from "./settings";

export type UserDataNoun = "builder" | "worker";

/** First line of all user data: cloud-init runs what begins so. */
export const SHEBANG = "#!/bin/bash";

/** Raw bytes that EC2 takes as user data, before base64 (EC2 User Guide, "Add user data"). */
export const USER_DATA_MAXIMUM_BYTES = 16_384;

/** A text that travels as one: a builder's two halves, and a worker's whole script. */
export type Bundle = "boot" | "build" | "worker";

/** Scripts of both nouns, in order. */
const SHARED = [
  "contract",
  "settings",
  "log",
  "metadata",
  "ask-metadata.py",
  "proxy",
  "file-system",
  "docker-root",
  "docker-config.py",
  "data-root",
  "daemon-json",
];
/** Those of them that a builder's first half needs. */
const SHARED_FIRST = ["contract", "settings", "log", "metadata", "ask-metadata.py", "proxy"];

/** Paths of the scripts of a folder, which are bash unless their names say otherwise. */
const own = (folder: string, names: readonly string[]) =>
  names.map((name) => `${folder}/${name.includes(".") ? name : `${name}.sh`}`);
const shared = (names: readonly string[]) => own("shared", names);

/** The scripts of each bundle, in order: functions, then the one line that calls `main`, unless it is sourced. */
export const SCRIPTS: Readonly<Record<Bundle, readonly string[]>> = {
  boot: [
    ...shared(SHARED_FIRST),
    ...own("builder/boot", ["settings", "outcome", "instance", "log-shipping", "aws.py", "write-summary.py", "main"]),
    "shared/call-main.sh",
  ],
  build: [
    ...shared(SHARED.filter((name) => !SHARED_FIRST.includes(name))),
    ...own("builder", [
      ...["build", "gate", "distribution", "docker", "images", "registries", "resolve", "resolve-references.py"],
      ...[
        "content",
        "volume",
        "format",
        "pull",
        "hide-logins.py",
        "watch-space.py",
        "hot-set",
        "make-hot-set.py",
        "publish",
      ],
      ...["run", "verify", "find-program.py", "verify-overlay2.py", "verify-containerd.py"].map(
        (name) => `proof/${name}`,
      ),
    ]),
  ],
  worker: [
    // Functions, so any order will do: in this one they take the fewest bytes, since gzip looks 32 KiB back.
    "worker/mount.sh",
    "worker/disk.sh",
    "shared/contract.sh",
    "shared/data-root.sh",
    "worker/main.sh",
    "worker/docker.sh",
    "worker/facts.sh",
    "shared/proxy.sh",
    "shared/log.sh",
    "shared/daemon-json.sh",
    "shared/file-system.sh",
    "worker/status.sh",
    "shared/docker-root.sh",
    "shared/settings.sh",
    "worker/hydrate.sh",
    "worker/settings.sh",
    "shared/docker-config.py",
    "worker/check-store.py",
    "worker/grow-xfs.py",
    "worker/read-ahead.py",
    "shared/metadata.sh",
    "shared/ask-metadata.py",
    "shared/call-main.sh",
  ],
};

/** Scripts as one, without comments: what Terraform reads by `file()`. Same scripts, same bytes. */
export const bundleScript = remembered((name: Bundle): string => {
  const noun = name === "worker" ? "worker" : "builder";
  return bundle(`lib/userdata/{shared,${noun}}/*`, __dirname, SCRIPTS[name]);
});

/** What stands around a worker's settings, beside its bundle; `later-boots` in front of the bundle, if it runs after Docker. */
export const WORKER_PIECES = ["unpack", "call-early", "call-late", "user-script", "later-boots"] as const;
export type WorkerPiece = (typeof WORKER_PIECES)[number];

/** A piece as Terraform reads it by `file()`. */
export const workerPiece = remembered((name: WorkerPiece): string => bundleOne(join(__dirname, `worker/${name}.sh`)));

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
  return `${SHEBANG}\n${settingLines(BUILDER_SETTINGS, settings)}${bundleScript("boot")}`;
}

/** A part of a worker's user data, with the names that Terraform's `cloudinit_config` has for it. */
export interface UserDataPart {
  readonly contentType: "text/cloud-boothook" | "text/x-shellscript";
  readonly filename: string;
  readonly content: string;
}

/** Lines of a worker's parts; lines and scripts may be Terraform expressions. */
export interface WorkerLines {
  readonly settings: readonly string[];
  /** The line of WORKER_SCRIPT. */
  readonly script: { readonly early: string; readonly late: string };
  /** The line of USER_SCRIPT. */
  readonly userScript: string;
  readonly piece: (name: WorkerPiece) => string;
}

/** The boothook: before Docker, at every boot. */
export function earlyPart({ settings, script, piece }: WorkerLines): UserDataPart {
  const content = [SHEBANG, ...settings, script.early, piece("unpack"), piece("call-early")].join("\n");
  return { contentType: "text/cloud-boothook", filename: "docker-cache-early", content };
}

/** The consumer's script: once, after the cache. */
export function scriptPart(lines: WorkerLines): UserDataPart {
  const content = [SHEBANG, userScriptLines(lines)].join("\n");
  return { contentType: "text/x-shellscript", filename: "docker-cache-script", content };
}

/** Lines that run the consumer's script. */
export function userScriptLines({ userScript, piece }: WorkerLines): string {
  return [userScript, piece("user-script")].join("\n");
}

/**
 * Lines for the middle of somebody's script, after Docker: in a shell of their own, whatever options the script has set. Whatever happens in them, the
 * script goes on.
 */
export function snippet({ settings, script, piece }: WorkerLines): string {
  return ["(", "set +eu", ...settings, script.late, piece("unpack"), piece("call-late"), ") || true", ""].join("\n");
}

/**
 * The plain script, after Docker. It does not end the shell: lines behind it run too.
 *
 * @param script {@link userScriptLines}, or nothing.
 */
export function plainScript(lines: WorkerLines, script: string): string {
  return [SHEBANG, snippet(lines), script].join("\n");
}

const BOUNDARY = "docker-cache-part";

/** A part as it stands in MIME. All of it is ASCII. */
export function mimePart({ contentType, filename, content }: UserDataPart): string {
  const head = `Content-Type: ${contentType}; charset="us-ascii"\nContent-Disposition: attachment; filename="${filename}"`;
  return `--${BOUNDARY}\n${head}\n\n${content}\n`;
}

/** Whole user data of the parts that {@link mimePart} made. */
export function mime(parts: string): string {
  return `Content-Type: multipart/mixed; boundary="${BOUNDARY}"\nMIME-Version: 1.0\n\n${parts}--${BOUNDARY}--\n`;
}

/** The line that hands the bundle to the lines that unpack it. */
export function scriptLine(base64gzip: string): string {
  return settingLine("WORKER_SCRIPT", base64gzip);
}

/** {@link WorkerLines.script} of a bundle. */
const scriptLines = remembered((bundle: string) => ({
  early: scriptLine(base64gzip(bundle)),
  late: scriptLine(base64gzip(workerPiece("later-boots") + bundle)),
}));

type WorkerValues = Readonly<Partial<Record<WorkerSetting, string>>>;

/** Lines of a worker with all values known; `USER_SCRIPT` is given as plain text. `bundle`: for tests that plant faults in it. */
export function workerLines(values: WorkerValues, bundle: string = bundleScript("worker")): WorkerLines {
  const { USER_SCRIPT, ...others } = WORKER_SETTINGS;
  return {
    settings: [settingLines(others, values).trimEnd()],
    script: scriptLines(bundle),
    userScript: settingLines({ USER_SCRIPT }, values).trimEnd(),
    piece: workerPiece,
  };
}

/** Returns a worker's user data before it is gzipped, with all values known. */
export function renderWorker(values: WorkerValues, bundle?: string): string {
  const lines = workerLines(values, bundle);
  return mime([earlyPart(lines), ...(values.USER_SCRIPT ? [scriptPart(lines)] : [])].map(mimePart).join(""));
}

/** Returns a worker's snippet, with all values known. */
export function renderSnippet(values: WorkerValues, bundle?: string): string {
  return snippet(workerLines(values, bundle));
}

/** Returns the plain script of a worker, as `start: late` and the module's output `user_data` have it. */
export function renderLateWorker(values: WorkerValues, bundle?: string): string {
  const lines = workerLines(values, bundle);
  return plainScript(lines, values.USER_SCRIPT ? userScriptLines(lines) : "");
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
