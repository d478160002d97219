/**
 * EC2's demands for each action, by the Service Authorization Reference. They concern the resources that the call names, with their tags. They
 * also concern what the call makes, with the tags that it is to have, and `ec2:CreateTags` for these.
 */
import type { CopySnapshotRequest, CreateTagsRequest, TagSpecification } from "@aws-sdk/client-ec2";
import { findTemplate } from "../aws/services/ec2/launch-template-versions";
import type { Facts, Tags } from "./context";
import { type Asked, type Demand, tagsFrom } from "./demand";
import { anyArnOf, ec2ArnOf, ec2TagsOf } from "./ec2-resources";
import { specifiedTags, tagsAtCreation } from "./ec2-tagging";
import { launchDemands } from "./launch-demands";

type Input = Readonly<Record<string, unknown>>;

const ids = (...values: readonly unknown[]) => values.flat().filter((value): value is string => Boolean(value));

/** Actions on existing resources: reads their ids from the call. */
const ON_EXISTING: Readonly<Record<string, (input: Input) => string[]>> = {
  AuthorizeSecurityGroupEgress: (input) => ids(input.GroupId),
  AttachVolume: (input) => ids(input.InstanceId, input.VolumeId),
  DetachVolume: (input) => ids(input.InstanceId, input.VolumeId),
  DeleteSecurityGroup: (input) => ids(input.GroupId),
  DeleteVolume: (input) => ids(input.VolumeId),
  DeleteSnapshot: (input) => ids(input.SnapshotId),
  DescribeSnapshotAttribute: (input) => ids(input.SnapshotId),
  EnableFastSnapshotRestores: (input) => ids(input.SourceSnapshotIds),
  DisableFastSnapshotRestores: (input) => ids(input.SourceSnapshotIds),
  ModifyVolume: (input) => ids(input.VolumeId),
  RevokeSecurityGroupEgress: (input) => ids(input.GroupId),
  RevokeSecurityGroupIngress: (input) => ids(input.GroupId),
  RebootInstances: (input) => ids(input.InstanceIds),
  StartInstances: (input) => ids(input.InstanceIds),
  StopInstances: (input) => ids(input.InstanceIds),
  TerminateInstances: (input) => ids(input.InstanceIds),
};

const ON_TEMPLATES = new Set([
  ...["CreateLaunchTemplateVersion", "DeleteLaunchTemplate", "DeleteLaunchTemplateVersions", "ModifyLaunchTemplate"],
]);

/** Actions that make a resource, by its type. What they name beside it is in `NAMED`. */
const CREATIONS: Readonly<Record<string, string>> = {
  CreateLaunchTemplate: "launch-template",
  CreateSecurityGroup: "security-group",
  CreateVolume: "volume",
};

/** Resources that a creation names. */
const NAMED: Readonly<Record<string, (input: Input) => string[]>> = {
  CreateSecurityGroup: (input) => ids(input.VpcId),
  CreateVolume: (input) => ids(input.SnapshotId),
};

/** Actions that have demands of their own. */
const OTHERS = ["CopySnapshot", "CreateSnapshot", "CreateTags", "DeleteTags", "RunInstances"];

/** Actions whose demands are known, beside those that only read. */
export const EC2_ACTIONS: readonly string[] = [
  ...Object.keys(ON_EXISTING),
  ...ON_TEMPLATES,
  ...Object.keys(CREATIONS),
  ...OTHERS,
].map((action) => `ec2:${action}`);

/** Actions that only read, and know no resources. */
const READS = /^Describe(?!.*Attribute$)/;

/** Returns the demands of a call of EC2, or undefined if it is not known what EC2 asks. */
export async function ec2Demands(asked: Asked): Promise<readonly Demand[] | undefined> {
  const { action, input } = asked.call;
  if (action === "RunInstances") return launchDemands(asked);
  if (action === "CreateSnapshot") return snapshotDemands(asked);
  if (action === "CopySnapshot") return copyDemands(asked);
  if (action === "CreateTags" || action === "DeleteTags") return tagDemands(asked);
  const made = CREATIONS[action];
  if (made) return creationDemands(asked, made);
  if (ON_TEMPLATES.has(action)) return Promise.all([templateId(asked)].map((id) => onExisting(asked, id)));
  const existing = ON_EXISTING[action];
  if (existing) return Promise.all(existing(input).map((id) => onExisting(asked, id)));
  if (READS.test(action)) return [demand(asked, "*")];
  return undefined;
}

/** A demand of the call's own action. */
function demand(asked: Asked, resource: string, facts: Facts = {}): Demand {
  const keys = { "ec2:Region": asked.call.region, ...facts.keys };
  return { ...facts, action: `ec2:${asked.call.action}`, resource, keys };
}

async function onExisting(asked: Asked, id: string, requestTags?: Tags): Promise<Demand> {
  const keys = { "ec2:CreateAction": undefined };
  return demand(asked, ec2ArnOf(asked, id), { resourceTags: await ec2TagsOf(asked, id), requestTags, keys });
}

function templateId({ aws, call }: Asked): string {
  return findTemplate({ state: aws.state(call.region) }, call.input).id;
}

/** What is made, with its tags, and what the call names for it. */
async function creationDemands(asked: Asked, type: string): Promise<Demand[]> {
  const { action, input } = asked.call;
  const requestTags = specifiedTags(input.TagSpecifications as TagSpecification[], type);
  return [
    demand(asked, anyArnOf(asked, type), { requestTags }),
    ...tagsAtCreation(asked, type, requestTags),
    ...(await Promise.all((NAMED[action]?.(input) ?? []).map((id) => onExisting(asked, id)))),
  ];
}

/** The new snapshot, which must be allowed to bear its tags. */
function newSnapshot(asked: Asked): Demand[] {
  const requestTags = specifiedTags(asked.call.input.TagSpecifications as TagSpecification[], "snapshot");
  return [
    demand(asked, anyArnOf(asked, "snapshot"), { requestTags }),
    ...tagsAtCreation(asked, "snapshot", requestTags),
  ];
}

async function snapshotDemands(asked: Asked): Promise<Demand[]> {
  return [await onExisting(asked, String(asked.call.input.VolumeId)), ...newSnapshot(asked)];
}

/** "Resource-level permissions apply to both the snapshot copy and the source snapshot"; keys of tags are known for the copy alone. */
async function copyDemands(asked: Asked): Promise<Demand[]> {
  const { SourceSnapshotId = "", SourceRegion } = asked.call.input as unknown as CopySnapshotRequest;
  return [demand(asked, ec2ArnOf(asked, SourceSnapshotId, SourceRegion)), ...newSnapshot(asked)];
}

/** Each resource by itself, with the tags that it has and those that it shall get or lose. */
function tagDemands(asked: Asked): Promise<Demand[]> {
  const { Resources = [], Tags } = asked.call.input as unknown as CreateTagsRequest;
  return Promise.all(Resources.map((id) => onExisting(asked, id, tagsFrom(Tags))));
}
