/**
 * cdktf notes for every token where it was made, as text with source maps applied, and nobody reads it: a fifth of a large synthesis. It takes the
 * text from a plain object, never from an error, so errors keep their traces here.
 */
export function withoutTokenTraces<T>(work: () => T): T {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) =>
    error instanceof Error ? [String(error), ...frames].join("\n    at ") : "";
  try {
    return work();
  } finally {
    Error.prepareStackTrace = before;
  }
}
