/**
 * Launch templates. moto mixes the template's own tags into its data, ignores SourceVersion, cannot delete versions and
 * ends lists after 15. So templates are kept here; moto keeps their tags, and a shell of each (id, name, numbers of
 * versions) for its own Auto Scaling groups.
 */
import type {
  CreateLaunchTemplateRequest,
  CreateLaunchTemplateVersionRequest,
  DeleteLaunchTemplateRequest,
  DeleteLaunchTemplateVersionsRequest,
  DescribeLaunchTemplatesRequest,
  LaunchTemplate,
  LaunchTemplateVersion,
  ModifyLaunchTemplateRequest,
  RequestLaunchTemplateData,
  ResponseLaunchTemplateData,
  Tag,
  TagDescription,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import type { LaunchTemplateRecord } from "../../state";
import { findTemplate, templateNotFound, versionOf } from "./launch-template-versions";
import { applyFilters, pageOf } from "./lists";

async function createLaunchTemplate(input: CreateLaunchTemplateRequest, call: Call) {
  const { LaunchTemplateData: data, ...rest } = input;
  const { LaunchTemplate: made } = await call.forward<{ LaunchTemplate: LaunchTemplate }>({ ...rest, ...shell(data) });
  const record: LaunchTemplateRecord = {
    id: made.LaunchTemplateId ?? "",
    name: input.LaunchTemplateName ?? "",
    createTime: call.aws.now(),
    createdBy: await call.aws.callerArn(call.accessKeyId, call.region),
    versions: [],
    nextVersion: 1,
  };
  call.state.launchTemplates[record.id] = record;
  await addVersion(call, record, data, input.VersionDescription);
  return { LaunchTemplate: await summary(call, record) };
}

async function createLaunchTemplateVersion(input: CreateLaunchTemplateVersionRequest, call: Call) {
  const record = findTemplate(call, input);
  const source = input.SourceVersion ? versionOf(record, input.SourceVersion) : undefined;
  const data = { ...withoutSnapshots(source?.LaunchTemplateData), ...input.LaunchTemplateData };
  await call.forward({ LaunchTemplateId: record.id, ...shell(input.LaunchTemplateData) });
  return { LaunchTemplateVersion: await addVersion(call, record, data, input.VersionDescription) };
}

/** Data that moto is given of a template: just enough to be one. */
function shell(data: RequestLaunchTemplateData | undefined) {
  return { LaunchTemplateData: { InstanceType: data?.InstanceType ?? "m5.large" } };
}

/**
 * Data that a new version inherits from its source. "Snapshots applied to the block device mapping are ignored when creating
 * a new version unless they are explicitly included" (EC2 API reference, CreateLaunchTemplateVersion).
 */
function withoutSnapshots(source: ResponseLaunchTemplateData | undefined): ResponseLaunchTemplateData {
  const inherited = structuredClone(source ?? {});
  for (const mapping of inherited.BlockDeviceMappings ?? []) delete mapping.Ebs?.SnapshotId;
  return inherited;
}

/** Requests and answers name the members of a template's data alike, so that what was sent is what is kept. */
async function addVersion(
  call: Call,
  record: LaunchTemplateRecord,
  data: RequestLaunchTemplateData | ResponseLaunchTemplateData | undefined,
  description: string | undefined,
): Promise<LaunchTemplateVersion> {
  const version: LaunchTemplateVersion = {
    LaunchTemplateId: record.id,
    LaunchTemplateName: record.name,
    VersionNumber: record.nextVersion++,
    VersionDescription: description,
    CreateTime: call.aws.now(),
    CreatedBy: await call.aws.callerArn(call.accessKeyId, call.region),
    DefaultVersion: record.versions.length === 0,
    LaunchTemplateData: (data ?? {}) as ResponseLaunchTemplateData,
  };
  record.versions.push(version);
  return version;
}

async function modifyLaunchTemplate(input: ModifyLaunchTemplateRequest, call: Call) {
  const record = findTemplate(call, input);
  const wanted = versionOf(record, input.DefaultVersion ?? "$Default");
  for (const version of record.versions) version.DefaultVersion = version === wanted;
  return { LaunchTemplate: await summary(call, record) };
}

async function deleteLaunchTemplate(input: DeleteLaunchTemplateRequest, call: Call) {
  const record = findTemplate(call, input);
  const last = await summary(call, record);
  await call.forward({ LaunchTemplateId: record.id });
  delete call.state.launchTemplates[record.id];
  return { LaunchTemplate: { ...last, Tags: undefined } };
}

function deleteLaunchTemplateVersions(input: DeleteLaunchTemplateVersionsRequest, call: Call) {
  const record = findTemplate(call, input);
  if ((input.Versions?.length ?? 0) > 200) {
    throw new AwsError(
      "InvalidParameterValue",
      "You can delete up to 200 launch template versions in a single request.",
    );
  }
  const successes: object[] = [];
  const failures: object[] = [];
  for (const number of input.Versions ?? []) {
    const item = { LaunchTemplateId: record.id, LaunchTemplateName: record.name, VersionNumber: Number(number) };
    const version = record.versions.find(({ VersionNumber }) => VersionNumber === Number(number));
    if (version && !version.DefaultVersion) {
      record.versions.splice(record.versions.indexOf(version), 1);
      successes.push(item);
    } else failures.push({ ...item, ResponseError: deletionError(number, version) });
  }
  return {
    SuccessfullyDeletedLaunchTemplateVersions: successes,
    UnsuccessfullyDeletedLaunchTemplateVersions: failures,
  };
}

function deletionError(number: string, version: LaunchTemplateVersion | undefined) {
  return version
    ? { Code: "unexpectedError", Message: `The default version, ${number}, cannot be deleted` }
    : { Code: "launchTemplateVersionDoesNotExist", Message: `The version ${number} does not exist` };
}

async function describeLaunchTemplates(input: DescribeLaunchTemplatesRequest, call: Call) {
  const tags = await templateTags(call);
  const { LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [] } = input;
  const all = Object.values(call.state.launchTemplates);
  const byId = ids.map((id) => call.state.launchTemplates[id] ?? templateNotFound({ LaunchTemplateId: id }));
  const byName = names.map((name) => findTemplate(call, { LaunchTemplateName: name }));
  const chosen = ids.length + names.length > 0 ? [...byId, ...byName] : all;
  const summaries = await Promise.all(chosen.map((record) => summary(call, record, tags)));
  const filtered = applyFilters(summaries, input.Filters, {
    "create-time": (template) => template.CreateTime?.toISOString(),
    "launch-template-name": (template) => template.LaunchTemplateName,
  });
  const { page, NextToken } = pageOf(filtered, input, [1, 200]);
  return { LaunchTemplates: page, NextToken };
}

/** The tags of every template, by id. */
async function templateTags(call: Call): Promise<Record<string, Tag[]>> {
  const Filters = [{ Name: "resource-type", Values: ["launch-template"] }];
  const { Tags = [] } = await call.ec2<{ Tags?: TagDescription[] }>("DescribeTags", { Filters });
  const byId: Record<string, Tag[]> = {};
  for (const { ResourceId = "", Key, Value } of Tags) byId[ResourceId] = [...(byId[ResourceId] ?? []), { Key, Value }];
  return byId;
}

async function summary(
  call: Call,
  record: LaunchTemplateRecord,
  tags?: Record<string, Tag[]>,
): Promise<LaunchTemplate> {
  const own = (tags ?? (await templateTags(call)))[record.id] ?? [];
  return {
    LaunchTemplateId: record.id,
    LaunchTemplateName: record.name,
    CreateTime: record.createTime,
    CreatedBy: record.createdBy,
    DefaultVersionNumber: versionOf(record, "$Default").VersionNumber,
    LatestVersionNumber: versionOf(record, "$Latest").VersionNumber,
    Tags: own,
  };
}

/** The handlers of this file. */
export const launchTemplateHandlers: Handlers = {
  "ec2:CreateLaunchTemplate": createLaunchTemplate,
  "ec2:CreateLaunchTemplateVersion": createLaunchTemplateVersion,
  "ec2:ModifyLaunchTemplate": modifyLaunchTemplate,
  "ec2:DeleteLaunchTemplate": deleteLaunchTemplate,
  "ec2:DeleteLaunchTemplateVersions": deleteLaunchTemplateVersions,
  "ec2:DescribeLaunchTemplates": describeLaunchTemplates,
};
