/** Events around rotation: builds, DLM, Terraform, people. Each function is one event of a cache's life. */

import { type Run, reconcile } from "../../lambda-src/rotation/reconcile";
import { createHandler, type Result } from "../../lambda-src/rotation/rotation.lambda";
import {
  DLM_TAG,
  parameterPaths,
  ROLES,
  ROTATION_SETTINGS_VARIABLE,
  type RotationSettings,
  resourceNames,
  TAG,
} from "../../lib/contract";
import { type Around, fakePorts } from "./aws";
import { DAY, HOUR } from "./example-state";
import { createFakeAws, type FakeAws, type FakeSnapshot, newId } from "./region";
import { addVersion } from "./templates";

export const MINUTE = 60_000;

/** Volume id of every copy: EC2 gives an arbitrary one. */
const COPIED_VOLUME = "vol-ffffffff";

const ours = (settings: RotationSettings) => ({ [TAG.name]: settings.name, [TAG.architecture]: settings.architecture });
const paths = (settings: RotationSettings) => parameterPaths(settings.name, settings.architecture);

/** Makes the rotation stack's resources. */
export function applyRotationStack(fake: FakeAws, settings: RotationSettings): void {
  fake.parameters.set(paths(settings).pointer, [{ value: "none", writtenAt: fake.now }]);
  fake.parameters.set(paths(settings).rejected, [{ value: "none", writtenAt: fake.now }]);
}

/** Makes the builder stack's volume, and the parameter that names it. Called again, it makes a new generation of the volume. */
export function applyBuilderStack(fake: FakeAws, settings: RotationSettings): string {
  const { volumeId } = paths(settings);
  const former = fake.parameters.get(volumeId)?.at(-1)?.value;
  const id = newId(fake, "vol");
  const tags = { ...ours(settings), [TAG.role]: ROLES.cacheVolume };
  fake.volumes.set(id, { id, state: "available", createdAt: fake.now, tags, visibleAt: 0 });
  fake.parameters.set(volumeId, [...(fake.parameters.get(volumeId) ?? []), { value: id, writtenAt: fake.now }]);
  if (former !== undefined) fake.volumes.delete(former);
  return id;
}

/** Makes the worker stack's launch template, whose cache device is `no_device`. */
export function applyWorkerStack(fake: FakeAws, settings: RotationSettings, id = "lt-worker"): void {
  const tags = {
    ...ours(settings),
    [TAG.consume]: `${settings.name}/${settings.architecture}`,
    [TAG.mapping]: "size=100",
  };
  fake.templates.set(id, { id, versions: [], defaultVersion: 1, lastNumber: 0, tags, visibleAt: 0 });
  addVersion(fake, id, {
    ImageId: "resolve:ssm:/an/image",
    BlockDeviceMappings: [
      { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 30, Encrypted: true } },
      { DeviceName: "/dev/sdf", NoDevice: "" },
    ],
  });
}

export function destroyBuilderStack(fake: FakeAws, settings: RotationSettings): void {
  fake.volumes.delete(volumeOf(fake, settings));
  fake.parameters.delete(paths(settings).volumeId);
}

/** Removes the resources of the three stacks of a cache; snapshots belong to none of them. */
export function destroyStacks(fake: FakeAws, settings: RotationSettings, templateId = "lt-worker"): void {
  destroyBuilderStack(fake, settings);
  for (const path of Object.values(paths(settings))) fake.parameters.delete(path);
  fake.templates.delete(templateId);
}

export interface BuildOptions {
  /** Its end; `failed` makes no snapshot, `none` is a power cut: not even an outcome. */
  readonly outcome?: "ready" | "checked" | "failed" | "none";
  readonly store?: string;
  readonly minutes?: number;
}

export function volumeOf(fake: FakeAws, settings: RotationSettings): string {
  return fake.parameters.get(paths(settings).volumeId)?.at(-1)?.value ?? "";
}

function makeSnapshot(fake: FakeAws, volumeId: string, tags: Record<string, string>, minutes = 5): FakeSnapshot {
  const id = newId(fake, "snap");
  const made: FakeSnapshot = {
    id,
    volumeId,
    sizeGib: 50,
    startTime: fake.now,
    completesAt: fake.now + minutes * MINUTE,
    failed: false,
    archived: false,
    tags: { ...tags },
    visibleAt: fake.now + fake.staleMilliseconds,
  };
  fake.snapshots.set(id, made);
  return made;
}

/** One build, from launch to power-off; the snapshot completes five minutes later. Returns its id, if it made one. */
export function build(
  fake: FakeAws,
  settings: RotationSettings,
  content: string,
  options: BuildOptions = {},
): string | undefined {
  const { outcome = "ready", store = "overlay2/26", minutes = 10 } = options;
  const id = newId(fake, "i");
  const volume = fake.volumes.get(volumeOf(fake, settings));
  if (!volume) throw new Error("no cache volume");
  const tags: Record<string, string> = { ...ours(settings), [TAG.role]: ROLES.builder };
  fake.instances.set(id, { id, state: "running", launchedAt: fake.now, tags, visibleAt: 0 });
  fake.now += minutes * MINUTE;
  let made: string | undefined;
  if (outcome === "checked") volume.tags[TAG.checked] = new Date(fake.now).toISOString();
  else volume.tags = { ...volume.tags, [TAG.state]: "building", [TAG.buildId]: id };
  if (outcome === "ready") {
    const facts = { [TAG.state]: "ready", [TAG.content]: content, [TAG.store]: store, [TAG.buildId]: id };
    volume.tags = { ...volume.tags, ...facts };
    made = makeSnapshot(fake, volume.id, { ...ours(settings), ...facts }).id;
  }
  if (outcome !== "none") tags[TAG.outcome] = outcome;
  fake.instances.set(id, { id, state: "terminated", launchedAt: fake.now, tags, visibleAt: 0 });
  return made;
}

/** A terminated instance stays visible for about an hour. */
function forgetInstances(fake: FakeAws): void {
  for (const one of fake.instances.values())
    if (one.state === "terminated" && fake.now - one.launchedAt > HOUR) fake.instances.delete(one.id);
}

/** DLM's nightly run: a snapshot of the cache volume here, a copy of it there, both with the volume's tags. */
export function replicate(from: FakeAws, to: readonly FakeAws[], settings: RotationSettings, days = 14): string[] {
  const volume = from.volumes.get(volumeOf(from, settings));
  if (!volume) throw new Error("no cache volume");
  const dlm = (now: number) => ({
    [DLM_TAG.policyId]: "policy-1",
    [DLM_TAG.expirationTime]: new Date(now + days * DAY).toISOString(),
  });
  const { [TAG.role]: _role, ...copied } = volume.tags;
  makeSnapshot(from, volume.id, { ...copied, ...dlm(from.now) });
  return to.map((region) => makeSnapshot(region, COPIED_VOLUME, { ...copied, ...dlm(region.now) }, 20).id);
}

/** DLM deletes what it made when its date has come, except snapshots of volumes that are gone: those it forgets. */
export function expire(fake: FakeAws): void {
  for (const { id, volumeId, tags } of fake.snapshots.values()) {
    const forgotten = volumeId !== COPIED_VOLUME && !fake.volumes.has(volumeId);
    if (!forgotten && Date.parse(tags[DLM_TAG.expirationTime] ?? "") <= fake.now) fake.snapshots.delete(id);
  }
}

/** One run of the function. Fails like it. */
export async function run(fake: FakeAws, settings: RotationSettings, around?: Around): Promise<Run> {
  forgetInstances(fake);
  return reconcile(fakePorts(fake, around), settings);
}

/** The message that EBS sends about a snapshot, with the malformed ARN. */
export function snapshotEvent(fake: FakeAws, event: "createSnapshot" | "copySnapshot", id: string | undefined): object {
  const snapshot_id = `arn:aws:ec2::${fake.region}:snapshot/${id}`;
  const detail = { event, result: "succeeded", snapshot_id };
  return { source: "aws.ec2", "detail-type": "EBS Snapshot Notification", resources: [snapshot_id], detail };
}

/** The function as Lambda calls it. */
export function hear(fake: FakeAws, settings: RotationSettings, event: object): Promise<Result> {
  const environment = { [ROTATION_SETTINGS_VARIABLE]: JSON.stringify(settings) };
  return createHandler(() => fakePorts(fake), environment)(event);
}

export const pointer = (fake: FakeAws, settings: RotationSettings) =>
  fake.parameters.get(paths(settings).pointer)?.at(-1)?.value;

/** Snapshot that `$Latest` (or `$Default`) of a template names. */
export function templateSnapshot(
  fake: FakeAws,
  which: "latest" | "default" = "latest",
  id = "lt-worker",
): string | undefined {
  const template = fake.templates.get(id);
  const version =
    which === "latest"
      ? template?.versions.at(-1)
      : template?.versions.find((one) => one.number === template.defaultVersion);
  return version?.data.BlockDeviceMappings?.find((one) => one.DeviceName === "/dev/sdf")?.Ebs?.SnapshotId;
}

/** A region with everything applied and nothing built. */
export function region(settings: RotationSettings, name = "eu-west-1", change: Partial<FakeAws> = {}): FakeAws {
  const fake = createFakeAws(name, change);
  applyRotationStack(fake, settings);
  if (settings.copyFrom === null) applyBuilderStack(fake, settings);
  applyWorkerStack(fake, settings);
  return fake;
}

export const rotationRole = (settings: RotationSettings, name: string) =>
  resourceNames(settings.name, settings.architecture, name).rotationRole;
