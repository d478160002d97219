/** A job on a machine as Buildkite's agent runs it: the plugin's hook is sourced, and what it exports reaches the job's command. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Machine } from "../machine/machine";
import { shellIn } from "../machine/machine-shell";
import { ROOT } from "../tools/project";

/** AWS's variables, as a job has them. */
export type Credentials = Readonly<Record<"AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN", string>>;

type Option = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

/** A job. */
export interface Job {
  readonly as: Credentials;
  /** The plugin's, as a pipeline writes them. */
  readonly options: Readonly<Record<string, Option>>;
  /** The job's own variables. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files of the checkout, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** The job's command, in bash; it runs if the hook has succeeded. Default: it runs the image. */
  readonly command?: string;
}

/** The end of a job. */
export interface JobEnd {
  /** The hook's exit status. */
  readonly status: number;
  /** All that the hook said. */
  readonly log: string;
  /** Variables that the hook has added or changed. */
  readonly exported: Readonly<Record<string, string>>;
  /** What the job's command printed. */
  readonly output: string;
  /** For which the hook ran. */
  readonly seconds: number;
}

const PLUGIN = "/opt/docker-ecr-cache-buildkite-plugin";
const PREFIX = "BUILDKITE_PLUGIN_DOCKER_ECR_CACHE";
const LIMIT_SECONDS = 300;

/** The variable with IMAGE:TAG, unless an option names another. */
export const IMAGE_VARIABLE = "BUILDKITE_PLUGIN_DOCKER_IMAGE";

/** Puts the plugin on a machine, as it is emitted. */
export async function installPlugin(machine: Machine): Promise<void> {
  const archive = execFileSync("tar", ["--create", "--gzip", `--directory=${join(ROOT, "buildkite-plugin")}`, "."]);
  await shellIn(
    machine,
    `mkdir ${PLUGIN}\nbase64 --decode <<'END' | tar --extract --gzip --directory=${PLUGIN}\n${archive.toString("base64")}\nEND\n`,
  );
}

/**
 * Runs a job in a fresh checkout. The hook runs as in the agent's wrapper: sourced by a bash without options, which keeps its exit status and the
 * variables after it.
 */
export async function runJob(machine: Machine, job: Job): Promise<JobEnd> {
  const text = await shellIn(machine, scriptOf(job), { timeoutSeconds: LIMIT_SECONDS });
  const [status, milliseconds, log = "", before = "", after = "", output = ""] = text.split("\n");
  const former = variablesIn(before);
  const exported = Object.entries(variablesIn(after)).filter(([name, value]) => former[name] !== value);
  return {
    status: Number(status),
    seconds: Number(milliseconds) / 1000,
    log: decoded(log),
    output: decoded(output),
    exported: Object.fromEntries(exported.filter(([name]) => !/^(?:BUILDKITE_HOOK_|_$|SHLVL$)/.test(name))),
  };
}

const decoded = (text: string) => Buffer.from(text, "base64").toString();
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function variablesIn(encoded: string): Record<string, string> {
  const entries = decoded(encoded)
    .split("\0")
    .filter((entry) => entry.includes("="));
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}

function scriptOf({
  as,
  options,
  environment = {},
  files,
  command = `docker run --rm --network none "$${IMAGE_VARIABLE}"`,
}: Job): string {
  const own = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: "/root",
    BUILDKITE_ORGANIZATION_SLUG: "acme",
    BUILDKITE_PIPELINE_SLUG: "app",
    BUILDKITE_PLUGIN_NAME: "DOCKER_ECR_CACHE",
    BUILDKITE_PLUGIN_CONFIGURATION: JSON.stringify(options),
    ...as,
    ...variablesOf(options),
    ...environment,
  };
  const variables = Object.entries(own).map(([name, value]) => quoted(`${name}=${value}`));
  const writing = Object.entries(files).map(
    ([name, content]) => `mkdir --parents "$(dirname ${quoted(name)})"; printf %s ${quoted(content)} >${quoted(name)}`,
  );
  return `
folder=$(mktemp --directory)
mkdir "$folder/checkout" && cd "$folder/checkout"
${writing.join("\n")}
cat >"$folder/wrapper" <<'END'
env --null >"$1/before"
. ${PLUGIN}/hooks/pre-command
export BUILDKITE_HOOK_EXIT_STATUS=$?
env --null >"$1/after"
exit $BUILDKITE_HOOK_EXIT_STATUS
END
status=0
began=\${EPOCHREALTIME/./}
env --ignore-environment ${variables.join(" ")} BUILDKITE_JOB_ID="\${folder##*.}" bash "$folder/wrapper" "$folder" >"$folder/log" 2>&1 </dev/null || status=$?
printf '%s\\n' "$status" "$(((\${EPOCHREALTIME/./} - began) / 1000))"
touch "$folder/after" "$folder/output"
mapfile -d '' -t after <"$folder/after"
if ((status == 0)); then
  env --ignore-environment "\${after[@]}" bash -c ${quoted(command)} >"$folder/output" 2>&1 || echo "status $?" >>"$folder/output"
fi
if [[ -e ${PLUGIN}/hooks/pre-exit ]]; then
  env --ignore-environment "\${after[@]}" bash -c '. ${PLUGIN}/hooks/pre-exit' >>"$folder/log" 2>&1
fi
for name in log before after output; do base64 --wrap=0 "$folder/$name"; echo; done
`;
}

/** The variables that the agent makes of a plugin's options: lists are numbered, and an object's keys follow its name. */
function variablesOf(options: Job["options"], prefix = PREFIX): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => {
      const variable = `${prefix}_${name.toUpperCase().replaceAll(/[\s-]/g, "_")}`;
      if (typeof value !== "object") return [[variable, String(value)]];
      return Object.entries(variablesOf(Object.fromEntries(Object.entries(value)), variable));
    }),
  );
}
