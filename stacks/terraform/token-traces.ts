/**
 * cdktf notes for every token where it was made, all frames, and nobody reads it: a third of a large synthesis. It asks V8 for the frames by
 * `Error.captureStackTrace`, which errors of their own accord never need: they keep their traces.
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
