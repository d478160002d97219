/** Runs steps one after the other, visibly. */
import { Listr } from "listr2";
import type { Tell, Trial } from "./trial";

export interface Step {
  readonly title: string;
  /** A text that it returns is added to its title. */
  readonly run: (trial: Trial, tell: Tell) => Promise<unknown>;
}

/** Runs the steps. @throws what the first step that fails throws */
export async function runSteps(steps: readonly Step[], trial: Trial): Promise<void> {
  const tasks = steps.map(({ title, run }) => ({
    title,
    task: async (_context: unknown, task: { title: string; output: string }) => {
      const started = Date.now();
      const result = await run(trial, (line) => {
        task.output = line;
      });
      const seconds = Math.round((Date.now() - started) / 1000);
      task.title = `${typeof result === "string" ? `${title}: ${result}` : title}${seconds > 1 ? ` (${seconds} s)` : ""}`;
    },
  }));
  await new Listr(tasks, {
    fallbackRenderer: "simple",
    rendererOptions: { collapseErrors: true, showErrorMessage: false },
    // main.ts decides what a signal does: this would end the process before anything has been stopped.
    registerSignalListeners: false,
  }).run();
}
