/**
 * Reasons for which the function is woken. Events are hints: rotation is level-triggered, so an unknown one only means
 * "reconcile". So do the router's own hints (`Hint` of lib/contract.ts): the router has looked at the snapshots already.
 *
 * EBS sends malformed ARNs: `arn:aws:ec2::us-west-2:snapshot/snap-01234567` has the region in the account's place. So ids are
 * taken from behind the last slash. Multi-volume notifications list several snapshots.
 */

import { isObject } from "../../lib/is-object";

export type Wake =
  | { readonly kind: "snapshots"; readonly snapshotIds: readonly string[]; readonly event: string }
  | { readonly kind: "reconcile" };

/** Returns `snap-…` from an ARN of whatever form, or from a bare id, or undefined if there is none. */
function snapshotId(value: unknown): string | undefined {
  return typeof value === "string" ? /(?:^|\/)(snap-[0-9a-f]+)$/.exec(value)?.[1] : undefined;
}

function snapshotsOf(detail: Record<string, unknown>): string[] {
  const listed = Array.isArray(detail.snapshots) ? detail.snapshots.filter(isObject) : [];
  const ids = [detail, ...listed].map((one) => snapshotId(one.snapshot_id) ?? snapshotId(one["snapshot-id"]));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

export function parseEvent(event: unknown): Wake {
  const detail = isObject(event) && isObject(event.detail) ? event.detail : {};
  const snapshotIds = snapshotsOf(detail);
  if (snapshotIds.length > 0) return { kind: "snapshots", snapshotIds, event: String(detail.event ?? "unknown") };
  return { kind: "reconcile" };
}
