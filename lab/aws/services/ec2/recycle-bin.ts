/** Effects of Recycle Bin's rules: snapshots that a rule concerns stay in the bin for its period, and can be restored. */

import type {
  ListSnapshotsInRecycleBinRequest,
  RestoreSnapshotFromRecycleBinRequest,
  Snapshot,
  Tag,
} from "@aws-sdk/client-ec2";
import { DAY_MILLISECONDS } from "../../../../lib/time";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import type { RecycleBinRule, RecycleBinResourceTag as ResourceTag } from "../../state";
import { pageOf } from "./lists";

/** Returns the time at which a snapshot deleted now leaves the bin, by its longest rule, or undefined if no rule concerns it. */
export function binnedUntil(call: Call, snapshot: Snapshot): Date | undefined {
  const rules = Object.values(call.state.recycleBinRules).filter((rule) => concerns(rule, snapshot.Tags ?? []));
  const days = Math.max(0, ...rules.map((rule) => rule.RetentionPeriod.RetentionPeriodValue));
  return days > 0 ? new Date(call.aws.now().getTime() + days * DAY_MILLISECONDS) : undefined;
}

/** A rule with tags concerns snapshots that bear one of them. One without concerns all except those that bear an excluded tag. */
function concerns(rule: RecycleBinRule, tags: readonly Tag[]): boolean {
  if (rule.ResourceType !== "EBS_SNAPSHOT") return false;
  const bears = ({ ResourceTagKey, ResourceTagValue }: ResourceTag) =>
    tags.some(({ Key, Value }) => Key === ResourceTagKey && (ResourceTagValue ?? Value) === Value);
  return rule.ResourceTags.length > 0 ? rule.ResourceTags.some(bears) : !rule.ExcludeResourceTags.some(bears);
}

function listSnapshotsInRecycleBin(input: ListSnapshotsInRecycleBinRequest, call: Call) {
  const binned = Object.entries(call.state.snapshots).flatMap(([id, { bin, volumeId }]) =>
    bin
      ? [{ SnapshotId: id, VolumeId: volumeId, RecycleBinEnterTime: bin.enteredAt, RecycleBinExitTime: bin.leavesAt }]
      : [],
  );
  const chosen = input.SnapshotIds?.length
    ? binned.filter((one) => input.SnapshotIds?.includes(one.SnapshotId))
    : binned;
  const { page, NextToken } = pageOf(chosen, input);
  return { Snapshots: page, NextToken };
}

function restoreSnapshotFromRecycleBin(input: RestoreSnapshotFromRecycleBinRequest, call: Call) {
  const id = input.SnapshotId ?? "";
  const record = call.state.snapshots[id];
  if (!record?.bin) throw new AwsError("InvalidSnapshot.NotFound", `The snapshot '${id}' is not in the Recycle Bin.`);
  record.bin = undefined;
  return { SnapshotId: id, VolumeId: record.volumeId, VolumeSize: record.volumeSizeGib, State: "completed" };
}

/** The handlers of this file. */
export const binHandlers: Handlers = {
  "ec2:ListSnapshotsInRecycleBin": listSnapshotsInRecycleBin,
  "ec2:RestoreSnapshotFromRecycleBin": restoreSnapshotFromRecycleBin,
};
