/** The plugin's hooks as Buildkite's agent sources them: what a step gets, and what is left behind. `docker` is recorded and made up. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../../../lab/tools/project";
import { renderJob } from "../../../../lib/job/render";
import { inWorkspace, type Options, variablesOf, type Workspace } from "./workspace";

const HOOKS = join(ROOT, "buildkite-plugin/hooks");
const FILES = { Dockerfile: "FROM scratch\n" };
const GOOGLE = { "registry-provider": "gcr", "gcp-project": "acme", "ecr-name": "build-cache/app" };

/** What a shell is like: options, functions, variables, traps, folder and descriptors. */
const DESCRIBE = `describe() {
  set +o; shopt -p; trap -p; pwd; umask
  declare -F | grep -v 'declare -f describe'
  compgen -v | grep -vxE '_|BASH_.*|FUNCNAME|LINENO|RANDOM|SECONDS|SRANDOM|EPOCH.*|PIPESTATUS|BUILDKITE_PLUGIN_DOCKER.*|before|after'
  ls /proc/$BASHPID/fd | wc -l
}`;

/** Sources the hook as the agent's wrapper does, and then runs lines. */
function source(
  workspace: Workspace,
  options: Options,
  lines: string,
  environment: Record<string, string> = {},
  before = "",
) {
  const script = `${before}\nsource "$0/pre-command" >&2; ${lines}`;
  return workspace.run(["bash", "-c", script, HOOKS], { ...variablesOf(options), ...environment });
}

test.each([
  ["a shell without options", ""],
  ["a strict shell", "set -euo pipefail"],
  ["a shell with odd ones", "set -f; IFS=x; shopt -s nullglob; trap 'echo left' USR1; exec 3>/dev/null 4>/dev/null"],
])("leaves nothing behind but its variables: %s", (_, options) => {
  const { status, stdout } = inWorkspace({ files: FILES }, (workspace) => {
    workspace.tool("docker", "exit 0");
    return source(
      workspace,
      GOOGLE,
      'after="$(describe)"; [[ "$before" == "$after" ]] && echo same || { diff <(echo "$before") <(echo "$after") || true; }',
      {},
      `${DESCRIBE}\n${options}\nbefore="$(describe)"`,
    );
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "same\n" });
});

test("also if it fails; and then it exports nothing", () => {
  const { stdout } = inWorkspace({ files: FILES }, (workspace) =>
    workspace.run(
      [
        "bash",
        "-c",
        `${DESCRIBE}\nbefore="$(describe)"; source "$0/pre-command" 2>/dev/null; echo $?; after="$(describe)"; [[ "$before" == "$after" ]] && echo same; env | grep EXPORT_`,
        HOOKS,
      ],
      variablesOf({ ...GOOGLE, "cache-on": "nope" }),
    ),
  );
  expect(stdout).toBe("1\nsame\n");
});

test.each([
  ["34: no project for Google", { "registry-provider": "gcr" }, 34],
  ["67: a provider that nobody knows", { "registry-provider": "quay" }, 67],
  ["1: two Dockerfiles", { ...GOOGLE, dockerfile: "a", "dockerfile-inline": "b" }, 1],
  ["1: an age that is none", { ...GOOGLE, "max-age-days": "soon" }, 1],
] as const)("exit code %s", (_, options, status) => {
  const calls = inWorkspace({ files: FILES }, (workspace) => {
    workspace.tool("docker", `echo called >>"$HOME/calls"`);
    workspace.tool("aws", `echo called >>"$HOME/calls"`);
    expect(source(workspace, options, "exit $?")).toMatchObject({ status });
    return existsSync(join(workspace.folder, "calls"));
  });
  expect(calls).toBe(false);
});

test("exports IMAGE:TAG in the chosen variable, and the original's two", () => {
  const { stdout } = inWorkspace({ files: FILES }, (workspace) =>
    source(
      workspace,
      { ...GOOGLE, "export-env-variable": "MINE" },
      "env | grep -E '^(MINE|BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_(IMAGE|TAG))=' | sort",
    ),
  );
  const [image, tag, mine] = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=")[1]);
  expect(image).toBe("gcr.io/acme/build-cache/app");
  expect(tag).toMatch(/^[0-9a-f]{7}$/);
  expect(mine).toBe(`${image}:${tag}`);
});

test("under another name of its repository it reads its own variables, and exports the same names", () => {
  const { stdout } = inWorkspace({ files: FILES }, (workspace) =>
    workspace.run(
      ["bash", "-c", 'source "$0/pre-command" >&2; echo "$BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_IMAGE"', HOOKS],
      {
        BUILDKITE_PLUGIN_NAME: "IMAGES",
        ...variablesOf(GOOGLE, "BUILDKITE_PLUGIN_IMAGES"),
      },
    ),
  );
  expect(stdout).toBe("gcr.io/acme/build-cache/app\n");
});

test("pre-exit removes the login that was left, and nothing else", () => {
  const kept = mkdtempSync(join(tmpdir(), "docker-ecr-cache."));
  const folder = `${kept}/docker-ecr-cache.Abcd1234`;
  mkdirSync(folder);
  writeFileSync(join(folder, "config.json"), "{}");
  const exit = (environment: Record<string, string>) =>
    inWorkspace({}, (workspace) =>
      workspace.run(["bash", "-euo", "pipefail", "-c", 'source "$0/pre-exit"', HOOKS], environment),
    );
  for (const other of ["", "/", kept, `${folder}/../..`, "docker-ecr-cache.Abcd1234", `${folder}\n/`]) {
    expect(exit({ DOCKER_ECR_CACHE_FOLDER: other })).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(existsSync(join(folder, "config.json"))).toBe(true);
  }
  exit({});
  exit({ DOCKER_ECR_CACHE_FOLDER: folder });
  expect([existsSync(folder), existsSync(kept)]).toEqual([false, true]);
});

/** Every word of the script that could be a variable's name, but those that mean something to bash, docker or this test. */
function sentinels(): string[] {
  const words = new Set(renderJob("image").match(/\b[a-z][a-z0-9_]*\b/gi));
  const meant =
    /^(job_\w+|IFS|LC_ALL|PATH|HOME|TMPDIR|GLOB\w+|BASH\w*|RANDOM|SECONDS|LINENO|FUNCNAME|PIPESTATUS|AWS_\w+|BUILDKITE_\w+|DOCKER_\w+|EXIT|PPID|PWD|UID|EUID)$/;
  return [...words].filter((word) => !meant.test(word));
}

test("no variable of the script stands in for one of the job: docker sees the job's environment", () => {
  const names = sentinels();
  expect(names).toEqual(expect.arrayContaining(["tag", "image", "target", "name", "context", "status"]));
  const own = Object.fromEntries(names.map((name) => [name, `of the job: ${name}`]));
  const seen = inWorkspace({ files: FILES }, (workspace) => {
    workspace.tool("docker", 'case "$1" in build | buildx) env -0 >"$HOME/seen" ;; pull | manifest) exit 1 ;; esac');
    const options = { ...GOOGLE, "build-args": ["image", "name"], secrets: ["tag"] };
    expect(source(workspace, options, "exit $?", own)).toMatchObject({ status: 0 });
    return readFileSync(join(workspace.folder, "seen"), "utf8").split("\0");
  });
  for (const [name, value] of Object.entries(own)) expect(seen).toContain(`${name}=${value}`);
  const added = seen.map((line) => line.split("=")[0]!).filter((name) => name.startsWith("job_"));
  expect(added).toEqual([]);
});

test("what docker leaves running does not keep the hook waiting: it has no end of the pipe that carries the variables", () => {
  const descriptors = inWorkspace({ files: FILES }, (workspace) => {
    workspace.tool("docker", 'ls "/proc/$$/fd" >>"$HOME/descriptors"');
    expect(source(workspace, GOOGLE, "exit $?")).toMatchObject({ status: 0 });
    return readFileSync(join(workspace.folder, "descriptors"), "utf8").split("\n");
  });
  expect(descriptors).toContain("2");
  expect(descriptors).not.toContain("3");
  expect(descriptors).not.toContain("4");
});

test("plugin.yml and the script know the same options", () => {
  const { parse } = require("yaml") as typeof import("yaml");
  const declared = Object.keys(
    parse(readFileSync(join(ROOT, "buildkite-plugin/plugin.yml"), "utf8")).configuration.properties,
  );
  // Asked of the script: an option that it does not know is refused, and named.
  const refuses = (name: string) =>
    inWorkspace({ files: FILES }, (workspace) =>
      workspace.run(["bash", "-c", renderJob("image"), "script", "tag", `--${name}=a=b`]),
    ).stderr.includes(`found --${name}=`) || false;
  expect(declared.filter(refuses)).toEqual([]);
  const source = renderJob("image");
  const read = [...source.matchAll(/job_option\["?([a-z-]+)"?\]/g)].map(([, name]) => name!);
  const lists = ["build-args", "cache-on", "secrets", "ecr-tags"];
  expect([...new Set([...read, ...lists])].sort()).toEqual([...declared].sort());
});
