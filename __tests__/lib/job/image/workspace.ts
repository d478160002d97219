/** A job's folder and machine, made up: files, variables, and a PATH whose `uname` says what a test wants and whose `docker` always succeeds. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../../../../lab/tools/project";
import given from "./tags.json";

/** Options as a pipeline has them. A list's numbers may be given. */
export type Options = Readonly<Record<string, string | number | readonly string[] | Readonly<Record<string, string>>>>;

export interface Job {
  readonly architecture?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly options?: Options;
}

/** A job whose tag the original was seen to compute. */
export interface Vector extends Job {
  readonly name: string;
  readonly tag: string;
}

export const VECTORS: readonly Vector[] = (given.vectors as unknown as readonly Vector[]).map((vector) => ({
  ...vector,
  files: (vector.files as unknown) === "tree" ? given.tree : vector.files!,
}));

const PREFIX = "BUILDKITE_PLUGIN_DOCKER_ECR_CACHE";
const PROGRAM = join(ROOT, "scripts/docker-cache");

/** The variables that Buildkite's agent makes of a plugin's options. */
export function variablesOf(options: Options, prefix = PREFIX): Record<string, string> {
  const entries = Object.entries(options).flatMap(([name, value]): [string, string][] => {
    const variable = `${prefix}_${name.toUpperCase().replaceAll("-", "_")}`;
    return typeof value === "object"
      ? Object.entries(value).map(([key, one]) => [`${variable}_${key}`, one])
      : [[variable, String(value)]];
  });
  return Object.fromEntries(entries);
}

/** The same options as arguments of a command, lists in the order in which the variables are read. */
export function argumentsOf(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (typeof value !== "object") return [`--${name}=${value}`];
    const byName = Object.entries(value).sort(([a], [b]) => (`${a}=` < `${b}=` ? -1 : 1));
    return byName.map(([, one]) => `--${name}=${one}`);
  });
}

/** A folder with the files of a job, and how to run things there. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "docker-cache-job-"));
  private readonly tools = mkdtempSync(join(tmpdir(), "docker-cache-tools-"));

  constructor({ files = {}, architecture = "x86_64" }: Job) {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), content);
    }
    this.tool("uname", `echo ${architecture}`);
    this.tool("docker", ":");
  }

  /** From now on a command of this name is a line of shell. */
  tool(name: string, line: string): void {
    writeFileSync(join(this.tools, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(this.tools, name), 0o755);
  }

  link(path: string, target: string): void {
    symlinkSync(target, join(this.folder, path));
  }

  run(command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const [program = "", ...words] = command;
    const env = { PATH: `${this.tools}:${process.env.PATH}`, HOME: this.folder, LANG: "C.UTF-8", ...environment };
    const { status, stdout, stderr } = spawnSync(program, words, {
      cwd: this.folder,
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { status, stdout, stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
    rmSync(this.tools, { recursive: true });
  }
}

/** Runs something in a job's workspace, which is gone afterwards. */
export function inWorkspace<Result>(job: Job, use: (workspace: Workspace) => Result): Result {
  const workspace = new Workspace(job);
  try {
    return use(workspace);
  } finally {
    workspace.remove();
  }
}

/** `docker-cache WORD…`. */
export const cli = (...words: string[]) => [process.execPath, PROGRAM, ...words];

/** What a shell prints that sources the hook and then runs a line. */
export const sourcing = (line: string) => [
  "bash",
  "-c",
  `source "$0" >&2; ${line}`,
  join(ROOT, "buildkite-plugin/hooks/pre-command"),
];

/** A folder with locales that machines may lack, for LOCPATH. */
export function compileLocale(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-locales-"));
  const [language = "", charset = ""] = name.split(".");
  execFileSync("localedef", ["-i", language, "-f", charset, join(folder, name)]);
  return folder;
}
