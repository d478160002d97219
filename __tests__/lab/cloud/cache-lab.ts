/** Steps of the tests of builds on a deployment: build, rotate, look at what came of it. */

import { gunzipSync, gzipSync } from "node:zlib";
import type { Snapshot as ApiSnapshot, Volume as ApiVolume, Instance } from "@aws-sdk/client-ec2";
import type { Machine } from "../../../lab/machine/machine";
import * as loops from "../../../lab/product/api-loop";
import type { Deployed } from "../../../lab/product/deploy";
import { finishBuild, ourLines, scheduledBuild } from "../../../lab/product/machine-loop";
import { damageVolume } from "../../../lab/volume/damage";
import { parameterPaths, resourceNames, TAG } from "../../../lib/contract";
import { settingLine } from "../../../lib/userdata/render";
import { incompleteness, manifestOf } from "../product/completeness";

export const REGION = "eu-west-1";
export const MINUTES = 60_000;

/** A cache of a deployment, in the one region that these tests have. */
export interface CacheLab {
  readonly deployed: Deployed;
  readonly cache: string;
  readonly volumeId: string;
}

type Tags = Readonly<Record<string, string>>;
const tagsOf = (resource: { Tags?: { Key?: string; Value?: string }[] }): Tags =>
  Object.fromEntries((resource.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));

async function parameter(deployed: Deployed, Name: string): Promise<string> {
  const target = { service: "ssm", action: "GetParameter", region: REGION };
  const answer = await deployed.aws.aws.call<{ Parameter?: { Value?: string } }>(target, { Name });
  return answer.Parameter?.Value ?? "";
}

const ec2 = <Output>({ deployed }: CacheLab, action: string, input: object) =>
  deployed.aws.aws.call<Output>({ service: "ec2", action, region: REGION }, input);

export async function cacheLab(deployed: Deployed, cache: string): Promise<CacheLab> {
  return { deployed, cache, volumeId: await parameter(deployed, parameterPaths(cache, "x86_64").volumeId) };
}

export const pointerOf = ({ deployed, cache }: CacheLab) =>
  parameter(deployed, parameterPaths(cache, "x86_64").pointer);

/** The cache's snapshots, oldest first. */
export async function snapshotsOf(lab: CacheLab): Promise<(ApiSnapshot & { tags: Tags })[]> {
  const Filters = [{ Name: "volume-id", Values: [lab.volumeId] }];
  const { Snapshots = [] } = await ec2<{ Snapshots?: ApiSnapshot[] }>(lab, "DescribeSnapshots", { Filters });
  return Snapshots.map((one) => ({ ...one, tags: tagsOf(one) })).sort(
    (a, b) => Number(a.StartTime) - Number(b.StartTime),
  );
}

export async function volumeOf(lab: CacheLab): Promise<ApiVolume & { tags: Tags }> {
  const input = { VolumeIds: [lab.volumeId] };
  const { Volumes: [volume = {}] = [] } = await ec2<{ Volumes?: ApiVolume[] }>(lab, "DescribeVolumes", input);
  return { ...volume, tags: tagsOf(volume) };
}

export async function instanceOf(lab: CacheLab, id: string): Promise<Instance & { tags: Tags }> {
  const input = { InstanceIds: [id] };
  type Answer = { Reservations?: { Instances?: Instance[] }[] };
  const instance = (await ec2<Answer>(lab, "DescribeInstances", input)).Reservations?.[0]?.Instances?.[0] ?? {};
  return { ...instance, tags: tagsOf(instance) };
}

/** Runs the cache's rotation function once, as its schedule does. Returns its log. */
export async function rotate({ deployed, cache }: CacheLab): Promise<string> {
  const { rotation } = resourceNames(cache, "x86_64", REGION);
  const own = deployed.functions.get(REGION)?.filter(({ name }) => name === rotation);
  const [done] = await loops.reconcile(deployed.loop, REGION, own);
  if (!done?.ok) throw new Error(`rotation of ${cache} failed: ${done?.result}\n${done?.log.join("\n")}`);
  return done.log.join("\n");
}

export interface Build {
  readonly id: string;
  /** Output of the builder's scripts. */
  readonly text: string;
  readonly outcome: string;
}

/** A build that the schedule starts, to its end. */
export async function build({ deployed, cache }: CacheLab): Promise<Build> {
  const { machine } = await scheduledBuild(deployed.loop, deployed.cloud, REGION, cache);
  return builtBy(machine);
}

function builtBy(machine: Machine): Build {
  const text = ourLines(machine).join("\n");
  return { id: machine.spec.id, text, outcome: /outcome: (\w+)/.exec(text)?.[1] ?? "none" };
}

/** Waits for the end of a build. */
export async function ended({ deployed }: CacheLab, machine: Machine): Promise<Build> {
  await finishBuild(deployed.cloud, machine);
  return builtBy(machine);
}

/** A builder from its template, told other settings than Terraform told it; the scripts are the same. */
export async function startWith(lab: CacheLab, settings: Readonly<Record<string, string>>): Promise<Machine> {
  const LaunchTemplateName = resourceNames(lab.cache, "x86_64", REGION).builder;
  type Answer = { LaunchTemplateVersions?: { LaunchTemplateData?: { UserData?: string } }[] };
  const input = { LaunchTemplateName, Versions: ["$Default"] };
  const { LaunchTemplateVersions: [version] = [] } = await ec2<Answer>(lab, "DescribeLaunchTemplateVersions", input);
  let text = gunzipSync(Buffer.from(version?.LaunchTemplateData?.UserData ?? "", "base64")).toString();
  for (const [name, value] of Object.entries(settings)) {
    const line = new RegExp(`^export ${name}='.*'$`, "m");
    if (!line.test(text)) throw new Error(`the user data has no setting ${name}`);
    text = text.replace(line, settingLine(name, Buffer.from(value).toString("base64")));
  }
  const launched = await ec2<{ Instances?: Instance[] }>(lab, "RunInstances", {
    LaunchTemplate: { LaunchTemplateName, Version: "$Default" },
    UserData: gzipSync(text).toString("base64"),
    MinCount: 1,
    MaxCount: 1,
  });
  const machine = lab.deployed.cloud.machines.get(launched.Instances?.[0]?.InstanceId ?? "");
  if (!machine) throw new Error("the launch booted no machine");
  return machine;
}

/** Writes the cache's image lines, as another configuration would. */
export async function configureImages({ deployed, cache }: CacheLab, lines: readonly string[]): Promise<void> {
  const ssm = <Output>(action: string, input: object) =>
    deployed.aws.aws.call<Output>({ service: "ssm", action, region: REGION }, input);
  const { images } = parameterPaths(cache, "x86_64");
  const { Parameters = [] } = await ssm<{ Parameters?: { Name?: string }[] }>("GetParametersByPath", { Path: images });
  for (const { Name } of Parameters) await ssm("DeleteParameter", { Name });
  await ssm("PutParameter", { Name: `${images}/0`, Value: lines.join("\n"), Type: "String" });
}

/** Messages of a stream in CloudWatch Logs, in order. */
async function events({ deployed }: CacheLab, logGroupName: string, logStreamName: string): Promise<string[]> {
  const target = { service: "logs", action: "GetLogEvents", region: REGION };
  type Answer = { events?: { message?: string }[] };
  const answer = await deployed.aws.aws.call<Answer>(target, { logGroupName, logStreamName, startFromHead: true });
  return (answer.events ?? []).map(({ message = "" }) => message);
}

/** The summary of a build, which is the last event of its log. */
export async function summaryOf(lab: CacheLab, { id }: Build): Promise<Record<string, unknown>> {
  const { builderLogGroup } = resourceNames(lab.cache, "x86_64", REGION);
  return JSON.parse((await events(lab, builderLogGroup, id)).at(-1) ?? "{}");
}

/** What is published as the manifest of a snapshot; there should be one event. */
export function publishedManifests(lab: CacheLab, tags: Tags): Promise<string[]> {
  return events(lab, resourceNames(lab.cache, "x86_64", REGION).manifestLogGroup, tags[TAG.manifest] ?? "");
}

/** Returns the problems of a snapshot, by id. Empty if it is a complete, clean cache. */
export async function problemsOf(lab: CacheLab, id: string | undefined): Promise<string[]> {
  const { cloud } = lab.deployed;
  const known = (await snapshotsOf(lab)).find(({ SnapshotId }) => SnapshotId === id);
  const snapshot = cloud.snapshots.get(id ?? "");
  if (!known || !snapshot) return [`there is no snapshot ${id} of ${lab.volumeId}`];
  return incompleteness(cloud.lab.run, snapshot, known.tags);
}

/** True if the promoted snapshot holds the image with this digest. */
export async function promotesImage(lab: CacheLab, digest: string): Promise<boolean> {
  const { cloud } = lab.deployed;
  const snapshot = cloud.snapshots.get(await pointerOf(lab));
  if (!snapshot) return false;
  return (await manifestOf(cloud.lab.run, snapshot)).images.some((image) => image.digest === digest);
}

/** Returns the problems of the snapshots that say of themselves that they are ready. Those in `seen` are left out, and it grows by these. */
export async function falselyReady(lab: CacheLab, seen: Set<string>): Promise<string[]> {
  const problems: string[] = [];
  for (const { SnapshotId = "", tags } of await snapshotsOf(lab)) {
    if (tags[TAG.state] !== "ready" || seen.has(SnapshotId)) continue;
    seen.add(SnapshotId);
    problems.push(...(await problemsOf(lab, SnapshotId)));
  }
  return problems;
}

/** Gives the cache an empty volume, as a new `generation` does. */
export function blankVolume({ deployed, volumeId }: CacheLab): void {
  const volume = deployed.cloud.volumes.get(volumeId);
  if (volume) damageVolume(deployed.cloud.lab.run, volume, { kind: "blank" });
}
