/** Lengths of time, each once. */

export const MINUTE_MILLISECONDS = 60_000;
export const HOUR_MILLISECONDS = 60 * MINUTE_MILLISECONDS;
export const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;
/** Minutes of a day on the clock. */
export const DAY_MINUTES = 24 * 60;
