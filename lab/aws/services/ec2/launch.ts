/** Carries out a launch: checks everything first, so that a launch that fails leaves nothing behind. */
import { randomUUID } from "node:crypto";
import type {
  Image,
  Instance,
  LaunchTemplateSpecification,
  Reservation,
  RunInstancesRequest,
  Subnet,
  Volume,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call } from "../../handler";
import { emitInstanceState } from "./events";
import { instanceById } from "./instance-lookup";
import { type LaunchVolume, launchVolumes, mergeParameters, tagsFor } from "./launch-parameters";
import { findTemplate, versionOf } from "./launch-template-versions";
import { refuseReservedIn, writeSystemTags } from "./tags";
import { checkRate, usableSnapshot } from "./volumes";

/** A launch that has passed all checks. */
interface Plan {
  readonly parameters: RunInstancesRequest;
  readonly image: Image;
  readonly subnet: Subnet;
  readonly volumes: readonly LaunchVolume[];
  /** Tags that only AWS writes. */
  readonly systemTags: Record<string, string>;
}

/** Launches instances and answers as RunInstances does. */
export async function launch(call: Call, request: RunInstancesRequest): Promise<Reservation> {
  const plan = await planLaunch(call, request);
  const reservation = await startInMoto(call, plan);
  const instances: Instance[] = [];
  for (const [index, { InstanceId = "" }] of (reservation.Instances ?? []).entries()) {
    await dress(call, plan, InstanceId, index);
    const instance = await instanceById(call, InstanceId);
    await emitInstanceState(call.aws, call.region, InstanceId, "pending");
    const userData = plan.parameters.UserData;
    await call.aws.hooks.raise("RunInstances", { region: call.region, instance, userData });
    call.aws.agenda.at(call.aws.now(), () => void emitInstanceState(call.aws, call.region, InstanceId, "running"));
    instances.push({ ...instance, State: { Code: 0, Name: "pending" } });
  }
  return { ...reservation, Instances: instances };
}

async function planLaunch(call: Call, request: RunInstancesRequest): Promise<Plan> {
  refuseReservedIn(request.TagSpecifications, call);
  const { LaunchTemplate: spec, ...own } = request;
  const version = spec ? templateVersion(call, spec) : undefined;
  const parameters = mergeParameters(version?.LaunchTemplateData, own as RunInstancesRequest);
  checkNetwork(parameters);
  const image = await imageOf(call, parameters.ImageId);
  await checkArchitecture(call, image, parameters.InstanceType ?? "m1.small");
  const volumes = launchVolumes(image, parameters.BlockDeviceMappings);
  for (const { ebs } of volumes) {
    if (ebs.SnapshotId) await usableSnapshot(call, ebs.SnapshotId, ebs.VolumeSize);
    checkRate({
      SnapshotId: ebs.SnapshotId,
      VolumeInitializationRate: ebs.VolumeInitializationRate,
      AvailabilityZone: "",
    });
  }
  const systemTags: Record<string, string> = version
    ? {
        "aws:ec2launchtemplate:id": version.LaunchTemplateId ?? "",
        "aws:ec2launchtemplate:version": String(version.VersionNumber),
      }
    : {};
  return { parameters, image, subnet: await subnetOf(call, parameters), volumes, systemTags };
}

/** Refuses subnet and security groups beside interfaces, which have their own. */
function checkNetwork({ NetworkInterfaces = [], SubnetId, SecurityGroupIds = [] }: RunInstancesRequest): void {
  const second = SubnetId ? "subnet ID" : SecurityGroupIds.length > 0 ? "security groups" : undefined;
  if (NetworkInterfaces.length === 0 || !second) return;
  const message = `Network interfaces and an instance-level ${second} may not be specified on the same request`;
  throw new AwsError("InvalidParameterCombination", message);
}

function templateVersion(call: Call, spec: LaunchTemplateSpecification) {
  return versionOf(findTemplate(call, spec), spec.Version ?? "$Default");
}

/** The image, named by id or by a parameter of Systems Manager (`resolve:ssm:NAME`, with `:VERSION` or `:LABEL`). */
async function imageOf(call: Call, imageId: string | undefined): Promise<Image> {
  if (!imageId) throw new AwsError("MissingParameter", "The request must contain the parameter ImageId");
  const name = /^resolve:ssm:(.+)$/.exec(imageId)?.[1];
  const id = name ? await imageParameter(call, name) : imageId;
  const { Images: [image] = [] } = await call.ec2<{ Images?: Image[] }>("DescribeImages", { ImageIds: [id] });
  if (!image) throw new AwsError("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
  return image;
}

/** Reads in the caller's name: a launch needs `ssm:GetParameters`. */
async function imageParameter(call: Call, name: string): Promise<string> {
  const target = { service: "ssm", action: "GetParameters", region: call.region, accessKeyId: call.accessKeyId };
  const { Parameters = [] } = await call.aws.call<{ Parameters?: { Value?: string }[] }>(target, { Names: [name] });
  const [parameter] = Parameters;
  if (parameter?.Value) return parameter.Value;
  const message = `The parameter ${name} of Systems Manager, which the image is named by, does not exist`;
  throw new AwsError("InvalidParameterValue", message);
}

async function checkArchitecture(call: Call, image: Image, InstanceType: string): Promise<void> {
  type Answer = { InstanceTypes?: { ProcessorInfo?: { SupportedArchitectures?: string[] } }[] };
  const { InstanceTypes = [] } = await call.ec2<Answer>("DescribeInstanceTypes", { InstanceTypes: [InstanceType] });
  const supported = InstanceTypes[0]?.ProcessorInfo?.SupportedArchitectures ?? [];
  if (!image.Architecture || supported.includes(image.Architecture)) return;
  const message =
    `The architecture '${supported.join(",")}' of the specified instance type does not match the architecture ` +
    `'${image.Architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures.`;
  throw new AwsError("InvalidParameterValue", message);
}

/** The subnet named, or a default subnet, in the zone asked for. */
async function subnetOf(call: Call, parameters: RunInstancesRequest): Promise<Subnet> {
  const id = parameters.SubnetId ?? parameters.NetworkInterfaces?.find((one) => one.SubnetId)?.SubnetId;
  const zone = parameters.Placement?.AvailabilityZone;
  const Filters = [{ Name: "default-for-az", Values: ["true"] }];
  const { Subnets = [] } = await call.ec2<{ Subnets?: Subnet[] }>(
    "DescribeSubnets",
    id ? { SubnetIds: [id] } : { Filters },
  );
  const subnet = zone && !id ? Subnets.find(({ AvailabilityZone }) => AvailabilityZone === zone) : Subnets[0];
  if (subnet) return subnet;
  throw new AwsError("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for default VPC.");
}

/** Starts bare instances in moto: no volume yet, all else as planned. */
function startInMoto(call: Call, { parameters, image, subnet }: Plan): Promise<Reservation> {
  const { BlockDeviceMappings: _mappings, TagSpecifications: _tags, SubnetId: _subnet, ...rest } = parameters;
  const count = parameters.MaxCount ?? 1;
  const [primary = {}, ...others] = parameters.NetworkInterfaces ?? [];
  const groups = [...(primary.Groups ?? []), ...(parameters.SecurityGroupIds ?? [])];
  const tags = tagsFor(parameters, "instance");
  return call.forward<Reservation>({
    ...rest,
    ImageId: image.ImageId,
    ClientToken: parameters.ClientToken ?? randomUUID(),
    MinCount: count,
    MaxCount: count,
    SecurityGroupIds: groups,
    NetworkInterfaces: [
      // moto adds the instance's groups to the interface's; interfaces made at launch go with the instance.
      { DeviceIndex: 0, DeleteOnTermination: true, ...primary, SubnetId: subnet.SubnetId, Groups: undefined },
      ...others,
    ],
    // A mapping that maps nothing keeps moto from making a root volume of its own.
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", NoDevice: "" }],
    TagSpecifications: tags.length > 0 ? [{ ResourceType: "instance", Tags: tags }] : undefined,
  });
}

/** Gives an instance its volumes, the tags of its parts, and its profile. */
async function dress(call: Call, plan: Plan, instanceId: string, index: number): Promise<void> {
  const { parameters, volumes } = plan;
  for (const volume of volumes) await addVolume(call, volume, plan, instanceId);
  const instance = await instanceById(call, instanceId);
  const interfaceTags = tagsFor(parameters, "network-interface");
  const interfaces = (instance.NetworkInterfaces ?? []).map((one) => one.NetworkInterfaceId ?? "");
  if (interfaceTags.length > 0) await call.ec2("CreateTags", { Resources: interfaces, Tags: interfaceTags });
  if (Object.keys(plan.systemTags).length > 0) {
    await writeSystemTags(call.aws, call.region, instanceId, plan.systemTags);
  }
  // moto gives the profile to the first instance of a launch alone.
  const profile = parameters.IamInstanceProfile;
  if (profile && index > 0)
    await call.ec2("AssociateIamInstanceProfile", { InstanceId: instanceId, IamInstanceProfile: profile });
}

async function addVolume(call: Call, { deviceName, ebs }: LaunchVolume, plan: Plan, instanceId: string): Promise<void> {
  const { DeleteOnTermination = true, ...settings } = ebs;
  const tags = tagsFor(plan.parameters, "volume");
  const { VolumeId } = await call.ec2<Volume>("CreateVolume", {
    AvailabilityZone: plan.subnet.AvailabilityZone,
    SnapshotId: settings.SnapshotId,
    Size: settings.VolumeSize,
    VolumeType: settings.VolumeType,
    Iops: settings.Iops,
    Throughput: settings.Throughput,
    Encrypted: settings.Encrypted,
    KmsKeyId: settings.KmsKeyId,
    VolumeInitializationRate: settings.VolumeInitializationRate,
    TagSpecifications: tags.length > 0 ? [{ ResourceType: "volume", Tags: tags }] : undefined,
  });
  const target = { service: "ec2", region: call.region };
  await call.aws.moto({ ...target, action: "AttachVolume" }, { VolumeId, InstanceId: instanceId, Device: deviceName });
  const BlockDeviceMappings = [{ DeviceName: deviceName, Ebs: { DeleteOnTermination } }];
  await call.ec2("ModifyInstanceAttribute", { InstanceId: instanceId, BlockDeviceMappings });
}
