/** The middle of some values, and the smallest and the largest of them. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error("no values to take the median of");
  return (low + high) / 2;
}

/** Medians, key by key. A key that all samples lack stays missing. Rounded to milliseconds, or to whole numbers if they are large. */
export function medians<Figures extends object>(samples: readonly Figures[]): Figures {
  const keys = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  const found = keys.flatMap((key) => {
    const values = samples.flatMap((sample) => {
      const value = (sample as Record<string, unknown>)[key];
      return typeof value === "number" ? [value] : [];
    });
    return values.length > 0 ? [[key, round(median(values))] as const] : [];
  });
  return Object.fromEntries(found) as Figures;
}

const round = (value: number) => (Math.abs(value) >= 10_000 ? Math.round(value) : Math.round(value * 1000) / 1000);
