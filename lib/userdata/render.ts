/**
 * User data, rendered: the static scripts of a noun become one, and settings come in front of it. Pure but for reading the scripts.
 *
 * What an instance gets is
 *
 *     #!/bin/bash
 *     export NAME='base64 of the value'     one line a setting, in the order of ./settings.ts
 *     …the bundle of the noun…
 *
 * Terraform joins these three itself (`file()` of the bundle), so that values may be known at plan time only. No template language is involved. The
 * worker's text stays plain; the builder's, which is longer, is gzipped (docs/decisions/0002-user-data-size.md).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BUILDER_SETTINGS, type BuilderSetting, WORKER_SETTINGS, type WorkerSetting } from "./settings";
import { stripComments } from "./strip-comments";

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

/** The noun's scripts as one, without comments: what Terraform reads by `file()`. Same scripts, same bytes. */
export function bundleScript(noun: UserDataNoun): string {
  return SCRIPTS[noun].map((path) => stripComments(readFileSync(join(__dirname, path), "utf8"))).join("");
}

/** The line that hands a setting to the scripts. */
export function settingLine(name: string, base64: string): string {
  return `export ${name}='${base64}'`;
}

/** Everything an instance gets, where all values are known. `USER_SCRIPT` is given as the base64 of its gzip, as Terraform's `base64gzip` makes it. */
export function renderUserData(
  noun: UserDataNoun,
  settings: Readonly<Partial<Record<BuilderSetting | WorkerSetting, string>>>,
): string {
  const names = Object.keys(noun === "builder" ? BUILDER_SETTINGS : WORKER_SETTINGS) as (keyof typeof settings)[];
  const lines = names.map((name) => {
    const value = settings[name] ?? "";
    return settingLine(name, name === "USER_SCRIPT" ? value : Buffer.from(value).toString("base64"));
  });
  return `${[SHEBANG, ...lines].join("\n")}\n${bundleScript(noun)}`;
}

/** What is wrong with user data of this many bytes, or undefined. */
export function checkUserDataSize(bytes: number): string | undefined {
  if (bytes <= USER_DATA_MAXIMUM_BYTES) return undefined;
  return `the user data has ${bytes} bytes, and EC2 takes ${USER_DATA_MAXIMUM_BYTES}: shorten the worker's script, or let it fetch its larger part`;
}
