/** A build on a machine by the script that `docker-cache script buildx` prints: what it is given, and how it ends. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type JobSettings, renderJob } from "../../lib/job/render";
import type { Machine } from "../machine/machine";
import { shellIn } from "../machine/machine-shell";
import { ROOT } from "../tools/project";
import type { Credentials } from "./plugin-job";

/** A build. */
export interface BuildxJob {
  readonly as: Credentials;
  /** What the configuration says of the entry. */
  readonly settings: JobSettings<"buildx">;
  /** The script's own, such as `--app shop`. Default: none. */
  readonly options?: readonly string[];
  /** What buildx is given behind the options that all builds have. Default: nothing. */
  readonly arguments?: readonly string[];
  /** The job's own variables. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files of the context, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** What is made of the image: an archive, which is read; or what `arguments` say. @default archive */
  readonly output?: "archive" | "as said";
  /** Seconds. @default 300 */
  readonly limit?: number;
}

/** A file of an image, such as `f 644 0:0 12 app.txt sha256…`, without its time. */
export type FileLine = string;

/** An image, without its times. */
export interface BuiltImage {
  /** Layers from the first, each by its files, in the order of their names. */
  readonly layers: readonly (readonly FileLine[])[];
  /** Environment, command, user, history and so on. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The text of each file of the image that is called `*.id`, by its path. */
  readonly ids: Readonly<Record<string, string>>;
}

/** The end of a build. */
export interface BuildxEnd {
  readonly status: number;
  /** All that script and buildx said. */
  readonly log: string;
  /** The last line that begins with `cache: `, without that; empty if there is none. */
  readonly cache: string;
  /** Calls of `docker buildx build`, each with its arguments. */
  readonly builds: readonly string[];
  /** What was built; undefined if there is nothing. */
  readonly image?: BuiltImage;
  readonly seconds: number;
}

/** The image that builders are made from, by its usual name. */
export const BUILDER_IMAGE = "moby/buildkit:buildx-stable-1";

/** Name of the builder that is made unless the settings name another. */
const BUILDER = "docker-cache";

const LIMIT_SECONDS = 300;
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Builds in a fresh folder. What is built goes to an archive, which is read and removed. */
export async function runBuildx(machine: Machine, job: BuildxJob): Promise<BuildxEnd> {
  const text = await shellIn(machine, scriptOf(job), { timeoutSeconds: job.limit ?? LIMIT_SECONDS });
  const [status, milliseconds, log = "", builds = "", image = ""] = text.split("\n");
  const said = decoded(log);
  return {
    status: Number(status),
    seconds: Number(milliseconds) / 1000,
    log: said,
    cache: [...said.matchAll(/^.*?cache: (.*)$/gm)].at(-1)?.[1] ?? "",
    builds: decoded(builds).split("\n").filter(Boolean),
    image: image === "" ? undefined : JSON.parse(decoded(image)),
  };
}

const decoded = (text: string) => Buffer.from(text, "base64").toString();

function scriptOf(job: BuildxJob): string {
  const { as, settings, options = [], arguments: given = [], environment = {}, files, output = "archive" } = job;
  const archive = output === "archive" ? '--output "type=oci,dest=$folder/image.tar"' : "";
  const own = { HOME: "/root", CI: "true", ...as, ...environment };
  const variables = Object.entries(own).map(([name, value]) => quoted(`${name}=${value}`));
  const writing = Object.entries(files).map(
    ([name, content]) => `mkdir --parents "$(dirname ${quoted(name)})"; printf %s ${quoted(content)} >${quoted(name)}`,
  );
  const words = [...options, "--", ...given].map(quoted).join(" ");
  return `
folder=$(mktemp --directory)
mkdir "$folder/context" "$folder/bin" && cd "$folder/context"
${writing.join("\n")}
# The same content has the same times: BuildKit looks at neither, but a layer has them.
find . -exec touch --date=@0 {} +
base64 --decode >"$folder/buildx" <<'END'
${base64(renderJob("buildx", settings))}
END
base64 --decode >"$folder/describe" <<'END'
${base64(readFileSync(join(ROOT, "lab/product/describe-image.py"), "utf8"))}
END
cat >"$folder/bin/docker" <<END
#!/bin/bash
if [[ "\\$1 \\$2" == "buildx build" ]]; then printf '%s\\n' "\\$*" >>$folder/builds; fi
exec /usr/bin/docker "\\$@"
END
chmod +x "$folder/bin/docker"
touch "$folder/builds"
status=0
began=\${EPOCHREALTIME/./}
env --ignore-environment PATH="$folder/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" ${variables.join(" ")} bash "$folder/buildx" ${words} ${archive} "$folder/context" >"$folder/log" 2>&1 </dev/null || status=$?
printf '%s\\n' "$status" "$(((\${EPOCHREALTIME/./} - began) / 1000))"
for name in log builds; do base64 --wrap=0 "$folder/$name"; echo; done
if [[ -s $folder/image.tar ]]; then python3 "$folder/describe" "$folder/image.tar" | base64 --wrap=0; fi
echo
rm --recursive --force "$folder"
`;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Takes the builder from a machine, with all that it has: to BuildKit, the machine is a new one. */
export async function forgetBuilder(machine: Machine, builder = BUILDER): Promise<void> {
  await shellIn(machine, `docker buildx rm --force ${builder} >/dev/null 2>&1 || true`, { timeoutSeconds: 60 });
}
