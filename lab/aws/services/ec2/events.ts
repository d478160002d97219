/** EC2's and EBS's events, in the shapes that EventBridge really delivers. */
import { randomUUID } from "node:crypto";
import type { Aws } from "../../handler";
import type { AwsEvent } from "../../hooks";

/** Tells all listeners of an event of EC2. */
export function emitEc2(
  aws: Aws,
  region: string,
  detailType: string,
  resources: readonly string[],
  detail: Record<string, unknown>,
): Promise<AwsEvent> {
  return emit(aws, { region, source: "aws.ec2", "detail-type": detailType, resources, detail });
}

/** Tells all listeners of an event that happens now. */
export async function emit(
  aws: Aws,
  what: Pick<AwsEvent, "region" | "source" | "detail-type" | "resources" | "detail">,
): Promise<AwsEvent> {
  const event: AwsEvent = {
    version: "0",
    id: randomUUID(),
    account: aws.accountId,
    time: eventTime(aws.now()),
    ...what,
  };
  await aws.hooks.raise("Event", event);
  return event;
}

/** One of EBS's malformed ARNs, with the region in the place of the account (EBS User Guide, "EventBridge for EBS"). */
export function ebsArn(aws: Aws, region: string, kind: "snapshot" | "volume", id: string): string {
  return `arn:${aws.partition}:ec2::${region}:${kind}/${id}`;
}

/** Content of an EBS Snapshot Notification. */
export interface SnapshotNotice {
  readonly event: "createSnapshot" | "copySnapshot";
  readonly snapshotId: string;
  /** ARN of the volume, or of the snapshot that was copied. */
  readonly source: string;
  readonly startTime: Date;
  /** Cause of the failure; undefined if it succeeded. */
  readonly cause?: string;
}

/** Tells that a snapshot, or a copy, has completed or failed. */
export function emitSnapshotNotification(aws: Aws, region: string, notice: SnapshotNotice): Promise<AwsEvent> {
  const arn = ebsArn(aws, region, "snapshot", notice.snapshotId);
  const copied = notice.event === "copySnapshot" ? { incremental: "false", transferType: "standard" } : {};
  return emitEc2(aws, region, "EBS Snapshot Notification", [arn], {
    event: notice.event,
    result: notice.cause === undefined ? "succeeded" : "failed",
    cause: notice.cause ?? "",
    "request-id": "",
    snapshot_id: arn,
    source: notice.source,
    startTime: eventTime(notice.startTime),
    endTime: eventTime(aws.now()),
    ...copied,
  });
}

/** Tells that an instance has entered a state. */
export function emitInstanceState(aws: Aws, region: string, instanceId: string, state: string): Promise<AwsEvent> {
  const arn = `arn:${aws.partition}:ec2:${region}:${aws.accountId}:instance/${instanceId}`;
  const detail = { "instance-id": instanceId, state };
  return emitEc2(aws, region, "EC2 Instance State-change Notification", [arn], detail);
}

/** EventBridge's time: whole seconds. */
export function eventTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
