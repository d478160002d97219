/** Keeps deleted snapshots of the cache for some days, for anyone who deleted one too many. */
import { TAG } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { RbinRule } from "../terraform/cdktf";
import { countIfGiven, isAbsent } from "../terraform/maybe";
import type { SnapshotRotationProps } from "./props";

export function createRecycleBin({ scope, props, tags }: CellScope<SnapshotRotationProps>): void {
  if (isAbsent(props.recycleBinDays)) return;
  new RbinRule(scope, "snapshots.recycle-bin", {
    description: `Deleted snapshots of the Docker cache ${props.name}`,
    resourceType: "EBS_SNAPSHOT",
    // A rule retains what bears any one of its tags, so the name stands alone.
    resourceTags: [{ resourceTagKey: TAG.name, resourceTagValue: props.name }],
    retentionPeriod: { retentionPeriodValue: props.recycleBinDays, retentionPeriodUnit: "DAYS" },
    tags: tags(),
    count: countIfGiven(props.recycleBinDays),
  });
}
