/** Agenda of what happens later by the lab's clock: snapshots that complete, restores that become enabled. */

/** Things to do, each when its time has come. */
export interface Agenda {
  /** Does something once `now` has reached `due`. */
  at(due: Date, run: () => void | Promise<void>): void;
  /** Does all that is due, in the order of its time, and waits for it. */
  settle(): Promise<void>;
  /** Forgets the rest. */
  clear(): void;
}

interface Task {
  readonly due: Date;
  readonly run: () => void | Promise<void>;
}

/** setTimeout takes no more than this; later tasks are looked at again then. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** An agenda on a clock. Timers wake it if the clock is the machine's. Code that moves another clock calls `settle`. */
export function createAgenda(now: () => Date): Agenda {
  let tasks: Task[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const arm = () => {
    clearTimeout(timer);
    const next = Math.min(...tasks.map(({ due }) => due.getTime()));
    if (tasks.length === 0) return;
    const wait = Math.min(Math.max(next - now().getTime(), 0), LONGEST_TIMER_MILLISECONDS);
    timer = setTimeout(() => void settle(), wait).unref();
  };
  const runDue = async () => {
    const isDue = ({ due }: Task) => due.getTime() <= now().getTime();
    const due = tasks.filter(isDue).sort((a, b) => a.due.getTime() - b.due.getTime());
    tasks = tasks.filter((task) => !due.includes(task));
    for (const task of due) await task.run();
    if (tasks.some(isDue)) await runDue();
  };
  const settle = () => {
    running = running.then(runDue).finally(arm);
    return running;
  };
  return {
    at(due, run) {
      tasks.push({ due, run });
      arm();
    },
    settle,
    clear() {
      tasks = [];
      clearTimeout(timer);
    },
  };
}
