/**
 * Runs DLM's policies, when told that time has passed. They make snapshots of the volumes that bear a target tag, copy them
 * to other regions, and delete what has expired. This follows the EBS User Guide, with its traps. Policies that are gone,
 * and volumes that no longer bear the tag, leave their snapshots alone for ever. Of a deleted volume the last one stays.
 */
import type { Snapshot, Tag, Volume } from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { DlmCopyRule, DlmPolicy, DlmRetainRule, DlmSchedule } from "../../dlm-policy";
import type { Aws } from "../../handler";
import { assumeRole } from "../assume-role";
import { tagList, tagsOf } from "../ec2/lists";
import { expiryOf, lastDue } from "./schedule";

/** Results of one round. Copies are made when their source has completed, after the round. */
export interface DlmRound {
  readonly created: readonly { region: string; snapshotId: string }[];
  readonly deleted: readonly { region: string; snapshotId: string }[];
}

/** One schedule of one policy, with all that a run of it needs. */
interface Run {
  readonly aws: Aws;
  readonly region: string;
  readonly policy: DlmPolicy;
  readonly schedule: DlmSchedule;
  /** Of the policy's role. */
  readonly accessKeyId: string;
}

const TAG = {
  policyId: "aws:dlm:lifecycle-policy-id",
  scheduleName: "aws:dlm:lifecycle-schedule-name",
  expirationTime: "aws:dlm:expirationTime",
  managed: "aws:dlm:managed",
} as const;

/**
 * Runs every schedule of every enabled policy that has become due since it last ran (once, however often it was due). Deletes
 * what has expired by now. To be called at least as often as the shortest schedule.
 */
export async function runDueDlmPolicies(aws: Aws): Promise<DlmRound> {
  const created: { region: string; snapshotId: string }[] = [];
  const deleted: { region: string; snapshotId: string }[] = [];
  for (const region of aws.regions()) {
    const policies = Object.values(aws.state(region).dlmPolicies).filter(({ State }) => State === "ENABLED");
    for (const policy of policies) {
      const role = { roleArn: policy.ExecutionRoleArn, service: "dlm", sourceArn: policy.PolicyArn };
      const { AccessKeyId: accessKeyId } = await assumeRole(aws, region, role);
      for (const schedule of policy.PolicyDetails.Schedules ?? []) {
        const run = { aws, region, policy, schedule, accessKeyId };
        for (const snapshotId of await createDue(run)) created.push({ region, snapshotId });
        deleted.push(...(await deleteExpired(run)));
      }
    }
  }
  return { created, deleted };
}

async function createDue(run: Run): Promise<string[]> {
  const { aws, region, policy, schedule } = run;
  const runs = aws.state(region).dlmRuns;
  const key = `${policy.PolicyId} ${schedule.Name}`;
  const due = lastDue(schedule.CreateRule ?? {}, runs[key] ?? policy.DateCreated, aws.now());
  if (!due) return [];
  runs[key] = due;
  const volumes = (await read<Volume>(run, region, "DescribeVolumes", "Volumes")).filter((volume) =>
    isTarget(run, volume),
  );
  const ids: string[] = [];
  for (const volume of volumes) ids.push(await snapshotOf(run, volume));
  return ids;
}

/** Any of the target tags makes a volume a target: DLM joins them by OR. */
function isTarget({ policy }: Run, volume: Volume): boolean {
  const tags = tagsOf(volume.Tags);
  return (policy.PolicyDetails.TargetTags ?? []).some(({ Key, Value }) => tags[Key] === Value);
}

async function snapshotOf(run: Run, volume: Volume): Promise<string> {
  const { aws, region, policy, schedule } = run;
  const copied = schedule.CopyTags ? ownTags(volume.Tags) : {};
  const added = tagsOf(schedule.TagsToAdd as Tag[] | undefined);
  const tags = { ...copied, ...added, ...systemTags(run, schedule.RetainRule) };
  const { SnapshotId = "" } = await ec2<Snapshot>(run, region, "CreateSnapshot", {
    VolumeId: volume.VolumeId,
    Description: `Created for policy: ${policy.PolicyId} schedule: ${schedule.Name}`,
    TagSpecifications: [{ ResourceType: "snapshot", Tags: tagList(tags) }],
  });
  const completesAt = aws.state(region).snapshots[SnapshotId]?.completesAt ?? aws.now();
  aws.agenda.at(completesAt, () => copyWhenComplete(run, SnapshotId));
  return SnapshotId;
}

async function copyWhenComplete(run: Run, snapshotId: string): Promise<void> {
  const { aws, region, schedule } = run;
  const record = aws.state(region).snapshots[snapshotId];
  if (!record || record.failure) return;
  if (record.completesAt > aws.now()) aws.agenda.at(record.completesAt, () => copyWhenComplete(run, snapshotId));
  else for (const rule of schedule.CrossRegionCopyRules ?? []) await copy(run, rule, snapshotId);
}

async function copy(run: Run, rule: DlmCopyRule, snapshotId: string): Promise<void> {
  const { region, policy, schedule } = run;
  const { Snapshots: [source] = [] } = await ec2<{ Snapshots?: Snapshot[] }>(run, region, "DescribeSnapshots", {
    SnapshotIds: [snapshotId],
  });
  const tags = { ...(rule.CopyTags ? ownTags(source?.Tags) : {}), ...systemTags(run, rule.RetainRule) };
  await ec2(run, rule.TargetRegion ?? rule.Target ?? "", "CopySnapshot", {
    SourceRegion: region,
    SourceSnapshotId: snapshotId,
    Encrypted: rule.Encrypted || undefined,
    KmsKeyId: rule.CmkArn,
    Description: `Copied for policy: ${policy.PolicyId} schedule: ${schedule.Name} from ${snapshotId} in ${region}`,
    TagSpecifications: [{ ResourceType: "snapshot", Tags: tagList(tags) }],
  });
}

/** "All user-defined tags on a source volume". */
function ownTags(tags: Tag[] | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(tagsOf(tags)).filter(([key]) => !key.startsWith("aws:")));
}

function systemTags({ aws, policy, schedule }: Run, rule: DlmRetainRule | undefined): Record<string, string> {
  const expiry = expiryOf(rule, aws.now());
  return {
    [TAG.policyId]: policy.PolicyId,
    [TAG.scheduleName]: schedule.Name,
    [TAG.managed]: "true",
    ...(expiry ? { [TAG.expirationTime]: expiry.toISOString() } : {}),
  };
}

async function deleteExpired(run: Run): Promise<{ region: string; snapshotId: string }[]> {
  const { region, schedule } = run;
  const doomed = (await expiredSources(run)).map((snapshot) => ({ region, snapshotId: snapshot.SnapshotId ?? "" }));
  for (const rule of schedule.CrossRegionCopyRules ?? []) {
    const target = rule.TargetRegion ?? rule.Target ?? "";
    const copies = (await managed(run, target)).filter((snapshot) => isExpired(run, snapshot));
    doomed.push(...copies.map((snapshot) => ({ region: target, snapshotId: snapshot.SnapshotId ?? "" })));
  }
  const deleted = [];
  for (const one of doomed) if (await remove(run, one.region, one.snapshotId)) deleted.push(one);
  return deleted;
}

async function expiredSources(run: Run): Promise<Snapshot[]> {
  const volumes = await read<Volume>(run, run.region, "DescribeVolumes", "Volumes");
  const snapshots = await managed(run, run.region);
  return [...groupByVolume(snapshots)].flatMap(([volumeId, ofVolume]) => {
    const volume = volumes.find((one) => one.VolumeId === volumeId);
    if (volume && !isTarget(run, volume)) return [];
    const newestFirst = ofVolume.sort((a, b) => (b.StartTime?.getTime() ?? 0) - (a.StartTime?.getTime() ?? 0));
    const count = run.schedule.RetainRule?.Count;
    // Of a deleted volume, a schedule that counts leaves all, one that goes by age leaves the last.
    if (count !== undefined) return volume ? newestFirst.slice(count) : [];
    return newestFirst.slice(volume ? 0 : 1).filter((snapshot) => isExpired(run, snapshot));
  });
}

function groupByVolume(snapshots: Snapshot[]): Map<string | undefined, Snapshot[]> {
  const groups = new Map<string | undefined, Snapshot[]>();
  for (const snapshot of snapshots) groups.set(snapshot.VolumeId, [...(groups.get(snapshot.VolumeId) ?? []), snapshot]);
  return groups;
}

function isExpired({ aws }: Run, snapshot: Snapshot): boolean {
  const expiry = tagsOf(snapshot.Tags)[TAG.expirationTime];
  return expiry !== undefined && new Date(expiry) <= aws.now();
}

/** The snapshots in a region that this schedule of this policy has made. */
async function managed(run: Run, region: string): Promise<Snapshot[]> {
  const own = await read<Snapshot>(run, region, "DescribeSnapshots", "Snapshots", { OwnerIds: ["self"] });
  return own.filter(({ Tags }) => {
    const tags = tagsOf(Tags);
    return tags[TAG.policyId] === run.policy.PolicyId && tags[TAG.scheduleName] === run.schedule.Name;
  });
}

/** Deletes a snapshot; one that is locked, in use or gone stays as it is. */
async function remove(run: Run, region: string, snapshotId: string): Promise<boolean> {
  try {
    await ec2(run, region, "DeleteSnapshot", { SnapshotId: snapshotId });
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

async function read<Item>(
  run: Run,
  region: string,
  action: string,
  member: string,
  input: object = {},
): Promise<Item[]> {
  const answer = await ec2<Record<string, Item[] | undefined>>(run, region, action, input);
  return answer[member] ?? [];
}

function ec2<Output = object>(
  { aws, accessKeyId }: Run,
  region: string,
  action: string,
  input: object,
): Promise<Output> {
  return aws.call<Output>({ service: "ec2", action, region, accessKeyId, byService: true }, input);
}
