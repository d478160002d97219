/** EC2's demands for a launch: every resource that it uses or makes. Each says if the launch template or the call names it. */
import type { RunInstancesRequest, TagSpecification } from "@aws-sdk/client-ec2";
import { mergeParameters } from "../aws/services/ec2/launch-parameters";
import { findTemplate, versionOf } from "../aws/services/ec2/launch-template-versions";
import { type Asked, arnOf, type Demand } from "./demand";
import { anyArnOf, ec2ArnOf, ec2TagsOf } from "./ec2-resources";
import { specifiedTags, tagsAtCreation } from "./ec2-tagging";
import { passRole } from "./pass-role";

/** Types of resources that a launch makes. */
const MADE = ["instance", "network-interface", "volume"] as const;

/** Parameters of the call that take the place of what the template says of a type of resource. */
const OVERRIDES: Readonly<Record<string, readonly (keyof RunInstancesRequest)[]>> = {
  image: ["ImageId"],
  instance: ["InstanceType", "UserData", "IamInstanceProfile", "MetadataOptions", "InstanceInitiatedShutdownBehavior"],
  "network-interface": ["NetworkInterfaces"],
  "security-group": ["SecurityGroupIds", "SecurityGroups", "NetworkInterfaces"],
  snapshot: ["BlockDeviceMappings"],
  subnet: ["SubnetId", "NetworkInterfaces"],
  volume: ["BlockDeviceMappings"],
};

interface Launch extends Asked {
  /** Parameters of the call itself. */
  readonly own: RunInstancesRequest;
  /** The same, with what the template says below it. */
  readonly all: RunInstancesRequest;
  readonly templateId?: string;
}

/** The demands of RunInstances. */
export async function launchDemands(asked: Asked): Promise<Demand[]> {
  const launch = launchOf(asked);
  const existing = await existingResources(launch);
  const tags = (type: string) => specifiedTags(launch.all.TagSpecifications as TagSpecification[], type);
  return [
    ...(await Promise.all(existing.map((id) => onExisting(launch, id)))),
    ...MADE.map((type) => ({ ...on(launch, type, anyArnOf(asked, type)), requestTags: tags(type) })),
    ...MADE.flatMap((type) => tagsAtCreation(asked, type, tags(type))),
    ...(await profileRoles(launch)),
  ];
}

function launchOf(asked: Asked): Launch {
  const { LaunchTemplate: spec, ...own } = asked.call.input as unknown as RunInstancesRequest;
  if (!spec) return { ...asked, own: own as RunInstancesRequest, all: own as RunInstancesRequest };
  const record = findTemplate({ state: asked.aws.state(asked.call.region) }, spec);
  const data = versionOf(record, spec.Version ?? "$Default").LaunchTemplateData;
  const all = mergeParameters(data, own as RunInstancesRequest);
  return { ...asked, own: own as RunInstancesRequest, all, templateId: record.id };
}

/** Ids of the template, and of image, subnet, security groups and snapshots as far as the launch names them. */
async function existingResources(launch: Launch): Promise<string[]> {
  const { all, templateId } = launch;
  const interfaces = all.NetworkInterfaces ?? [];
  const named = [
    templateId,
    await imageId(launch),
    all.SubnetId,
    ...(all.SecurityGroupIds ?? []),
    ...interfaces.flatMap(({ SubnetId, Groups = [] }) => [SubnetId, ...Groups]),
    ...(all.BlockDeviceMappings ?? []).map(({ Ebs }) => Ebs?.SnapshotId),
  ];
  return named.filter((id): id is string => Boolean(id));
}

async function imageId({ aws, call, all }: Launch): Promise<string | undefined> {
  const name = /^resolve:ssm:([^:]+)/.exec(all.ImageId ?? "")?.[1];
  if (!name) return all.ImageId;
  const target = { service: "ssm", action: "GetParameter", region: call.region };
  return (await aws.moto<{ Parameter?: { Value?: string } }>(target, { Name: name })).Parameter?.Value;
}

async function onExisting(launch: Launch, id: string): Promise<Demand> {
  const arn = ec2ArnOf(launch, id);
  const type = arn.split(":")[5]?.split("/")[0] ?? "";
  return { ...on(launch, type, arn), resourceTags: await ec2TagsOf(launch, id) };
}

function on(launch: Launch, type: string, resource: string): Demand {
  const { templateId, own, all, call } = launch;
  const overridden = (OVERRIDES[type] ?? []).some((parameter) => own[parameter] !== undefined);
  const keys = {
    "ec2:Region": call.region,
    "ec2:InstanceType": all.InstanceType,
    "ec2:LaunchTemplate": templateId && ec2ArnOf(launch, templateId),
    "ec2:IsLaunchTemplateResource": templateId && String(!overridden),
    "ec2:MetadataHttpTokens": all.MetadataOptions?.HttpTokens,
  };
  return { action: "ec2:RunInstances", resource, keys };
}

/** A launch of an instance with a profile gives the profile's role to EC2. */
async function profileRoles(launch: Launch): Promise<Demand[]> {
  const { Arn, Name = Arn?.split("/").pop() } = launch.all.IamInstanceProfile ?? {};
  if (!Name) return [];
  const target = { service: "iam", action: "GetInstanceProfile", region: launch.call.region };
  type Answer = { InstanceProfile?: { Roles?: { Arn?: string; RoleName?: string }[] } };
  const { InstanceProfile } = await launch.aws.moto<Answer>(target, { InstanceProfileName: Name });
  return (InstanceProfile?.Roles ?? []).map(({ Arn: resource, RoleName }) =>
    passRole(launch, resource ?? arnOf(launch, "iam", `role/${RoleName}`, { region: "" }), "ec2"),
  );
}
