/** What was asked for cannot be meant: exit code 2, nothing done. */
export class UsageError extends Error {}
