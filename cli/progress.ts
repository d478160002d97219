/** Progress of long work, on stderr: lines that move on a terminal, plain lines elsewhere, silence with --json. */
import { Listr, ListrLogger, ProcessOutput } from "listr2";

export interface Step<T> {
  readonly title: string;
  run(tell: (text: string) => void): Promise<T>;
}

/** Both of its streams are stderr: stdout is for data. */
const processOutput = new ProcessOutput(process.stderr, process.stderr);

function renderer(quiet: boolean): "default" | "simple" | "silent" {
  if (quiet) return "silent";
  return process.stderr.isTTY && !process.env.CI && process.env.TERM !== "dumb" ? "default" : "simple";
}

/** Runs the steps at once and returns what they return. A step that fails fails it all, after the others have ended. */
export async function withProgress<T>(steps: readonly Step<T>[], quiet: boolean): Promise<T[]> {
  const results: T[] = [];
  const tasks = steps.map(({ title, run }, index) => ({
    title,
    task: async (_context: unknown, task: { output: string }) => {
      results[index] = await run((text) => {
        task.output = `${title}: ${text}`;
      });
    },
  }));
  const logger = new ListrLogger({ useIcons: true, processOutput });
  await new Listr(tasks, {
    concurrent: true,
    renderer: renderer(quiet),
    rendererOptions: { logger, processOutput } as never,
    registerSignalListeners: false,
  }).run();
  return results;
}
