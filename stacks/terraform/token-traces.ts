/**
 * Runs work without the traces of tokens. cdktf notes for every token where it was made, all frames, and nobody reads it. That is
 * a third of a large synthesis. It asks V8 for the frames by `Error.captureStackTrace`. Ordinary errors never need that call:
 * they keep their traces.
 */
export function withoutTokenTraces<T>(work: () => T): T {
  const { captureStackTrace } = Error;
  Error.captureStackTrace = () => {};
  try {
    return work();
  } finally {
    Error.captureStackTrace = captureStackTrace;
  }
}
