/** Runs steps side by side as far as processors reach, and shows their output one after the other. */
import type { Step } from "./steps";

/** Steps of one processor go in pairs; those of two go alone. Machines with more processors are used by the steps that run tests in several workers. */
const PROCESSORS = 2;

/** Shows what a step prints: at once if no step before it is still shown, otherwise when it is its turn. */
export class Output {
  private readonly open: { readonly kept: string[]; ended: boolean }[] = [];

  constructor(private readonly write: (text: string) => void) {}

  /** Begins one; its parts are shown in the order in which they were begun. */
  begin(): { readonly print: (text: string) => void; readonly end: () => void } {
    const mine = { kept: [] as string[], ended: false };
    this.open.push(mine);
    const print = (text: string) => {
      if (this.open[0] === mine) this.write(text);
      else mine.kept.push(text);
    };
    const end = () => {
      mine.ended = true;
      while (this.open[0]?.ended) {
        this.open.shift();
        for (const text of this.open[0]?.kept.splice(0) ?? []) this.write(text);
      }
    };
    return { print, end };
  }
}

/** Runs every step, in order as far as there is room, and returns what came of each, in the order of the steps. */
export async function runAll<Result>(
  steps: readonly Pick<Step, "name" | "processors" | "after">[],
  run: (name: string) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<string, Result>();
  const names = new Set(steps.map(({ name }) => name));
  const waiting = [...steps];
  const running = new Map<string, Promise<unknown>>();
  let free = PROCESSORS;
  const mayStart = ({ processors = 1, after = [] }: (typeof steps)[number]) =>
    processors <= free && after.every((name) => !names.has(name) || results.has(name));
  while (results.size < steps.length) {
    for (let index = waiting.findIndex(mayStart); index >= 0; index = waiting.findIndex(mayStart)) {
      const [{ name, processors = 1 }] = waiting.splice(index, 1) as [(typeof steps)[number]];
      free -= processors;
      const ended = run(name).then((result) => {
        free += processors;
        running.delete(name);
        results.set(name, result);
      });
      running.set(name, ended);
    }
    if (running.size === 0) throw new Error(`${waiting[0]?.name} waits for a step that never runs`);
    await Promise.race(running.values());
  }
  return steps.map(({ name }) => results.get(name) as Result);
}
