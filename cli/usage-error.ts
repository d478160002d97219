/** Request that makes no sense: exit code 2, nothing done. */
export class UsageError extends Error {}

/** @throws UsageError if it is no snapshot id */
export function assertSnapshotId(text: string): void {
  if (!/^snap-[0-9a-f]+$/.test(text))
    throw new UsageError(`${text} is no snapshot id, expected snap- and hexadecimal digits`);
}
