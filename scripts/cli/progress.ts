/** Progress of what takes long, on stderr: lines that move where it is a terminal, plain lines elsewhere. */
import { Listr, ProcessOutput } from "listr2";

export interface Step<T> {
  readonly title: string;
  run(tell: (text: string) => void): Promise<T>;
}

/** Runs the steps, one after the other or all at once, and returns what they return. The first that fails ends it. */
export async function withProgress<T>(
  steps: readonly Step<T>[],
  options: { quiet?: boolean; concurrent?: boolean } = {},
): Promise<T[]> {
  const results: T[] = [];
  const moving = process.stderr.isTTY && !process.env.CI && process.env.TERM !== "dumb";
  const tasks = steps.map(({ title, run }, index) => ({
    title,
    task: async (_context: unknown, task: { output: string; title: string }) => {
      results[index] = await run((text) => {
        if (moving) task.output = text;
        else task.title = `${title}: ${text}`;
      });
    },
  }));
  const processOutput = new ProcessOutput(process.stderr, process.stderr);
  await new Listr(tasks, {
    concurrent: options.concurrent ?? false,
    renderer: options.quiet ? "silent" : moving ? "default" : "simple",
    rendererOptions: { processOutput } as never,
    registerSignalListeners: false,
  }).run();
  return results;
}
