/** Good cache volumes for tests of workers: each from one run of the builder's user data, as it ships, against the emulated AWS. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Cloud } from "../../../lab/cloud/types";
import { consoleOf, waitUntil } from "../../../lab/machine/machine-shell";
import type { Snapshot } from "../../../lab/volume/snapshot";
import { PARAMETER_VALUE_MAXIMUM, parameterPaths, ROLES, TAG } from "../../../lib/contract";
import { base64gzip, bundleScript, renderBuilder } from "../../../lib/userdata/render";

export const REGION = "eu-west-1";
const ZONE = `${REGION}a`;
const ROLE = "lab-builder";

/** Cache to build. */
export interface CacheSpec {
  readonly name: string;
  /** Image of the machine that builds: `GENERATION-aws`. */
  readonly machineImage: string;
  readonly imageStore: "overlay2" | "containerd";
  readonly fileSystem: "xfs" | "ext4";
  /** Lines of the contract. */
  readonly images: readonly string[];
  readonly sizeGib: number;
  /** Lines of bash that stand for what the image has: they run ahead of the builder's. */
  readonly before?: string;
}

type Tags = { Key: string; Value: string }[];

function ec2<Output>(cloud: Cloud, action: string, input: object): Promise<Output> {
  return cloud.aws.aws.call<Output>({ service: "ec2", action, region: REGION }, input);
}

/** An instance profile whose role may do anything: these tests are not about permissions. */
export async function createBuilderProfile(cloud: Cloud): Promise<void> {
  const iam = (action: string, input: object) =>
    cloud.aws.aws.call({ service: "iam", action, region: "us-east-1" }, input);
  const statement = { Effect: "Allow", Action: "*", Resource: "*" };
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } };
  const document = (one: object) => JSON.stringify({ Version: "2012-10-17", Statement: [one] });
  await iam("CreateRole", { RoleName: ROLE, AssumeRolePolicyDocument: document(trust) });
  await iam("PutRolePolicy", { RoleName: ROLE, PolicyName: "all", PolicyDocument: document(statement) });
  await iam("CreateInstanceProfile", { InstanceProfileName: ROLE });
  await iam("AddRoleToInstanceProfile", { InstanceProfileName: ROLE, RoleName: ROLE });
}

/** Registers an AMI that stands for an image of the lab; `images` is what the cloud was started with. */
async function registerImage(cloud: Cloud, images: Record<string, string>, machineImage: string): Promise<string> {
  const { VolumeId } = await ec2<{ VolumeId?: string }>(cloud, "CreateVolume", { AvailabilityZone: ZONE, Size: 1 });
  const { SnapshotId } = await ec2<{ SnapshotId?: string }>(cloud, "CreateSnapshot", { VolumeId });
  const RootDeviceName = "/dev/xvda";
  const BlockDeviceMappings = [{ DeviceName: RootDeviceName, Ebs: { SnapshotId } }];
  const input = {
    Name: `lab ${machineImage} ${VolumeId}`,
    Architecture: "x86_64",
    RootDeviceName,
    BlockDeviceMappings,
  };
  const { ImageId = "" } = await ec2<{ ImageId?: string }>(cloud, "RegisterImage", input);
  images[ImageId] = machineImage;
  return ImageId;
}

/** Builds a cache and returns its snapshot. */
export async function buildCache(cloud: Cloud, images: Record<string, string>, spec: CacheSpec): Promise<Snapshot> {
  const volumeId = await createCacheVolume(cloud, spec);
  const imageId = await registerImage(cloud, images, spec.machineImage);
  const builder = await launchBuilder(cloud, spec, { volumeId, imageId });
  const machine = cloud.machines.get(builder);
  if (!machine) throw new Error(`no machine booted for ${builder}`);
  await machine.ended;
  await waitUntil("the builder to be terminated", 60, () => !cloud.machines.has(builder));
  const input = { Filters: [{ Name: "volume-id", Values: [volumeId] }] };
  const { Snapshots = [] } = await ec2<{ Snapshots?: { SnapshotId?: string }[] }>(cloud, "DescribeSnapshots", input);
  const snapshot = cloud.snapshots.get(Snapshots[0]?.SnapshotId ?? "");
  if (!snapshot) throw new Error(`the build of ${spec.name} made no snapshot:\n${consoleOf(machine)}`);
  return snapshot;
}

async function createCacheVolume(cloud: Cloud, spec: CacheSpec): Promise<string> {
  const Tags: Tags = [
    { Key: TAG.name, Value: spec.name },
    { Key: TAG.architecture, Value: "x86_64" },
    { Key: TAG.role, Value: ROLES.cacheVolume },
  ];
  const TagSpecifications = [{ ResourceType: "volume", Tags }];
  const input = { AvailabilityZone: ZONE, Size: spec.sizeGib, VolumeType: "gp3", TagSpecifications };
  const { VolumeId = "" } = await ec2<{ VolumeId?: string }>(cloud, "CreateVolume", input);
  const { images, script } = parameterPaths(spec.name, "x86_64");
  const put = (Name: string, Value: string) =>
    cloud.aws.aws.call({ service: "ssm", action: "PutParameter", region: REGION }, { Name, Type: "String", Value });
  await put(`${images}/0`, spec.images.join("\n"));
  const packed = base64gzip(bundleScript("build"));
  for (let part = 0; part * PARAMETER_VALUE_MAXIMUM < packed.length; part++) {
    const from = part * PARAMETER_VALUE_MAXIMUM;
    await put(`${script}/${String(part).padStart(2, "0")}`, packed.slice(from, from + PARAMETER_VALUE_MAXIMUM));
  }
  return VolumeId;
}

/** User data of the builder of a cache. */
export function builderUserData(spec: CacheSpec, volumeId: string): string {
  const paths = parameterPaths(spec.name, "x86_64");
  const userData = renderBuilder({
    CACHE_NAME: spec.name,
    CACHE_ARCHITECTURE: "x86_64",
    IMAGE_STORE: spec.imageStore,
    DEVICE_NAME: "/dev/sdf",
    CACHE_VOLUME_ID: volumeId,
    FILE_SYSTEM: spec.fileSystem,
    WATCHDOG_MINUTES: "20",
    IMAGES_PARAMETER_PATH: paths.images,
    SCRIPT_PARAMETER_PATH: paths.script,
    SCRIPT_SHA256: createHash("sha256").update(bundleScript("build")).digest("hex"),
    REJECTED_PARAMETER: paths.rejected,
    PARALLEL_PULLS: "2",
    HOT_SET_PERCENT: "20",
  });
  return spec.before === undefined ? userData : userData.replace("\n", () => `\n${spec.before}`);
}

async function launchBuilder(
  cloud: Cloud,
  spec: CacheSpec,
  { volumeId, imageId }: { readonly volumeId: string; readonly imageId: string },
): Promise<string> {
  const userData = builderUserData(spec, volumeId);
  const { Instances = [] } = await ec2<{ Instances?: { InstanceId?: string }[] }>(cloud, "RunInstances", {
    MinCount: 1,
    MaxCount: 1,
    ImageId: imageId,
    InstanceType: "m7i.large",
    InstanceInitiatedShutdownBehavior: "terminate",
    IamInstanceProfile: { Name: ROLE },
    MetadataOptions: { HttpTokens: "required" },
    Placement: { AvailabilityZone: ZONE },
    UserData: gzipSync(userData).toString("base64"),
  });
  return Instances[0]?.InstanceId ?? "";
}
