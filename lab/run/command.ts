import { execFile } from "node:child_process";

/** Options of a command. */
export interface CommandOptions {
  /** Text for its standard input. Default: none. */
  readonly input?: string;
  /** Ends the command after this many seconds. Default: 120. */
  readonly timeoutSeconds?: number;
}

/** A command that ended with another status than 0. */
class CommandError extends Error {
  override readonly name = "CommandError";
  constructor(
    readonly command: readonly string[],
    /** Exit status; null when a signal ended it. */
    readonly status: number | null,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(
      `\`${command.join(" ").slice(0, 300)}\` ended with status ${status}: ${(stderr || stdout).trim().slice(-1000)}`,
    );
  }
}

/** Runs a command on the host, without a shell, and returns what it printed. */
export function runCommand(command: readonly [string, ...string[]], options: CommandOptions = {}): Promise<string> {
  const [file, ...args] = command;
  return new Promise((resolve, reject) => {
    const limits = {
      maxBuffer: 256 * 1024 * 1024,
      timeout: (options.timeoutSeconds ?? 120) * 1000,
      killSignal: "SIGKILL" as const,
    };
    const child = execFile(file, args, limits, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const status = typeof error.code === "number" ? error.code : null;
      const detail = error.killed ? `no end within ${limits.timeout / 1000} s. ${stderr}` : stderr || error.message;
      reject(new CommandError(command, status, stdout, detail));
    });
    // A command that does not read its input closes the pipe; that is its right.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}
