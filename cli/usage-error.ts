/** Request that makes no sense: exit code 2, nothing done. */
export class UsageError extends Error {}
