/** Finding launch templates and their versions. */
import type { DescribeLaunchTemplateVersionsRequest, LaunchTemplateVersion } from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import type { LaunchTemplateRecord } from "../../state";
import { applyFilters, pageOf } from "./lists";

/** Names a template, by id or by name. */
export interface NamedTemplate {
  readonly LaunchTemplateId?: string;
  readonly LaunchTemplateName?: string;
}

/** A template by id or name. @throws AwsError if there is none */
export function findTemplate(call: Pick<Call, "state">, named: NamedTemplate): LaunchTemplateRecord {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = named;
  if (!id === !name) {
    const message = "You must specify either the launch template ID or launch template name";
    throw new AwsError(id ? "InvalidParameterCombination" : "MissingParameter", message);
  }
  const all = Object.values(call.state.launchTemplates);
  return all.find((record) => (id ? record.id === id : record.name === name)) ?? templateNotFound(named);
}

/** EC2's error for a template that does not exist. */
export function templateNotFound({ LaunchTemplateId: id, LaunchTemplateName: name }: NamedTemplate): never {
  if (id) {
    const message = `The specified launch template, with template ID ${id}, does not exist.`;
    throw new AwsError("InvalidLaunchTemplateId.NotFound", message);
  }
  const message = `The specified launch template, with template name ${name}, does not exist.`;
  throw new AwsError("InvalidLaunchTemplateName.NotFoundException", message);
}

/** A version by number, `$Latest` or `$Default`. @throws AwsError if there is none */
export function versionOf(record: LaunchTemplateRecord, version: string): LaunchTemplateVersion {
  const found =
    version === "$Latest"
      ? record.versions.at(-1)
      : record.versions.find((one) =>
          version === "$Default" ? one.DefaultVersion : String(one.VersionNumber) === version,
        );
  if (found) return found;
  const message = `Could not find the specified version ${version} for the launch template with ID ${record.id}.`;
  throw new AwsError("InvalidLaunchTemplateId.VersionNotFound", message);
}

/** Of one template: the versions asked for, or all, newest first. Of all templates: `$Latest`, `$Default` or both. */
function describeLaunchTemplateVersions(input: DescribeLaunchTemplateVersionsRequest, call: Call) {
  const named = input.LaunchTemplateId ?? input.LaunchTemplateName;
  const found = named ? versionsOfOne(input, findTemplate(call, input)) : versionsOfAll(input, call);
  const filtered = applyFilters(found.map(withTags), input.Filters, {
    "create-time": (version) => version.CreateTime?.toISOString(),
    "image-id": (version) => version.LaunchTemplateData?.ImageId,
    "instance-type": (version) => version.LaunchTemplateData?.InstanceType,
    "is-default-version": (version) => version.DefaultVersion,
  });
  const { page, NextToken } = pageOf(filtered, input, [1, 200]);
  return { LaunchTemplateVersions: page, NextToken };
}

/** Versions have no tags of their own; the filters' type asks for the member. */
function withTags(version: LaunchTemplateVersion): LaunchTemplateVersion & { Tags?: undefined } {
  return version;
}

function versionsOfOne(input: DescribeLaunchTemplateVersionsRequest, record: LaunchTemplateRecord) {
  if (input.Versions?.length) {
    return [...new Set(input.Versions.map((version) => versionOf(record, version)))];
  }
  const least = Number(input.MinVersion ?? 0);
  const most = Number(input.MaxVersion ?? Number.POSITIVE_INFINITY);
  const inRange = record.versions.filter(({ VersionNumber = 0 }) => VersionNumber >= least && VersionNumber <= most);
  return inRange.reverse();
}

function versionsOfAll(input: DescribeLaunchTemplateVersionsRequest, call: Call) {
  const wanted = input.Versions ?? [];
  if (wanted.length === 0 || wanted.some((version) => version !== "$Latest" && version !== "$Default")) {
    const message =
      "To describe the versions of all your launch templates, specify $Latest, $Default, or both, and no version number";
    throw new AwsError(wanted.length === 0 ? "MissingParameter" : "InvalidParameterValue", message);
  }
  return Object.values(call.state.launchTemplates).flatMap((record) => [
    ...new Set(wanted.map((version) => versionOf(record, version))),
  ]);
}

/** The handlers of this file. */
export const launchTemplateVersionHandlers: Handlers = {
  "ec2:DescribeLaunchTemplateVersions": describeLaunchTemplateVersions,
};
