/** A folder in which a worker's user data finds what it touches of a machine: its folders, and commands that only record that they were called. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine {
  readonly folder: string;
  /** Lets there be no such folder. */
  refuse(folder: string): void;
  /** Lets a file in a folder be opened, but not written, as on a full disk. */
  fill(folder: string, file: string): void;
  /** Takes a command away. */
  without(command: string): void;
  /** Runs a script, whose paths become those of the machine. */
  run(script: string, shell?: readonly string[]): Outcome;
  /** Calls of recorded commands, with their arguments. */
  calls(): readonly string[];
}

const FOLDERS = ["/var/lib/docker-cache-worker", "/run/docker-cache"];

export function madeUpMachine(): Machine {
  const folder = mkdtempSync(join(tmpdir(), "machine-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const calls = join(folder, "calls");
  const program = (name: string, text: string) => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  };
  program("systemctl", `#!/bin/sh\necho "systemctl $*" >>${calls}\n`);
  return {
    folder,
    refuse(path) {
      rmSync(join(folder, path), { recursive: true, force: true });
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      // A file where a folder should be: root too cannot write below it.
      writeFileSync(join(folder, path), "");
    },
    fill(path, file) {
      mkdirSync(join(folder, path), { recursive: true });
      symlinkSync("/dev/full", join(folder, path, file));
    },
    without: (command) => program(command, "#!/bin/sh\nexit 127\n"),
    run(script, shell = ["bash", "--norc"]) {
      const file = join(folder, "user-data");
      writeFileSync(
        file,
        FOLDERS.reduce((text, path) => text.replaceAll(path, join(folder, path)), script),
      );
      const [command, ...options] = shell as [string, ...string[]];
      const env = { PATH: `${bin}:${process.env.PATH}` };
      const { status, stdout, stderr } = spawnSync(command, [...options, file], { env, encoding: "utf8" });
      return { status, stdout, stderr };
    },
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
  };
}
