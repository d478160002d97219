/**
 * The calls that the router makes, and no others. `aws.ts` implements them with the SDK; tests with a fake.
 *
 * IAM, as the router's role needs it:
 *
 * | port call    | IAM action             | resource                                          |
 * |--------------|------------------------|---------------------------------------------------|
 * | listMarked   | ec2:DescribeSnapshots  | * (no resource level)                             |
 * | hint         | lambda:InvokeFunction  | function:docker-cache-*-*-rotation:hint           |
 *
 * Lambda itself takes the events from the queue, in the name of the same role.
 */
import type { Hint } from "../../lib/contract";

/** A snapshot that bears our name tag, whether or not it is genuine. */
export interface MarkedSnapshot {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RouterPorts {
  /** Those of the snapshots that bear our name tag. One call; ids that are gone are no error. At most 200 ids. */
  listMarked(ids: readonly string[]): Promise<readonly MarkedSnapshot[]>;
  /** Leaves a hint for a function; false if there is no function of that name that takes hints. */
  hint(functionName: string, hint: Hint): Promise<boolean>;
  /** Milliseconds since 1970. */
  now(): number;
}
