/** The lab's clock: the machine's, moved on by leaps. The emulated AWS and the functions that it invokes live in its time. */

export interface LabClock {
  now(): Date;
  /** Time by which it is ahead of the machine's clock. */
  offsetMilliseconds(): number;
  /** Moves on to `time`; never back. */
  advanceTo(time: Date): void;
}

export function createClock(): LabClock {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    offsetMilliseconds: () => offset,
    advanceTo(time) {
      offset = Math.max(offset, time.getTime() - Date.now());
    },
  };
}

/** The next time of day `HH:MM` UTC after `from`. */
export function nextTimeOfDay(timeOfDay: string, from: Date): Date {
  const [hours = 0, minutes = 0] = timeOfDay.split(":").map(Number);
  const next = new Date(from);
  next.setUTCHours(hours, minutes, 0, 0);
  if (next <= from) next.setUTCDate(next.getUTCDate() + 1);
  return next;
}
