/** Launch templates of the fake. Versions are numbered for ever; a new one is not seen at once if reads are stale. */
import type { RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
import {
  awsError,
  type Command,
  type FakeAws,
  type FakeTemplate,
  type FakeVersion,
  isVisible,
  matches,
  page,
  tagList,
} from "./region";

/** Role that the rotation function runs as in these tests. */
const ROTATION_ROLE = "docker-cache-ci-x86_64-rotation-eu-west-1";
export const CREATED_BY = `arn:aws:sts::111122223333:assumed-role/${ROTATION_ROLE}/docker-cache-ci-x86_64-rotation`;

const seen = (fake: FakeAws, template: FakeTemplate) => template.versions.filter((one) => isVisible(fake, one));
const latest = (fake: FakeAws, template: FakeTemplate) => seen(fake, template).at(-1) as FakeVersion;

function findTemplate(fake: FakeAws, id: string): FakeTemplate {
  const found = fake.templates.get(id);
  if (!found) throw awsError("InvalidLaunchTemplateId.NotFound");
  return found;
}

function shownVersion(template: FakeTemplate, one: FakeVersion) {
  return {
    LaunchTemplateId: template.id,
    VersionNumber: one.number,
    VersionDescription: one.description,
    CreatedBy: one.createdBy,
    DefaultVersion: template.defaultVersion === one.number,
    LaunchTemplateData: one.data,
  };
}

const describeLaunchTemplates: Command = (fake, input: { Filters?: []; NextToken?: string }) => {
  const found = [...fake.templates.values()].filter((one) => isVisible(fake, one) && matches(one.tags, input.Filters));
  const { items, ...rest } = page(fake, found, input.NextToken);
  const LaunchTemplates = items.map((one) => ({
    LaunchTemplateId: one.id,
    DefaultVersionNumber: one.defaultVersion,
    LatestVersionNumber: latest(fake, one).number,
    Tags: tagList(one.tags),
  }));
  return { LaunchTemplates, ...rest };
};

interface VersionsInput {
  readonly LaunchTemplateId?: string;
  readonly Versions?: string[];
  readonly NextToken?: string;
}

const describeLaunchTemplateVersions: Command = (fake, input: VersionsInput) => {
  const templates = input.LaunchTemplateId
    ? [findTemplate(fake, input.LaunchTemplateId)]
    : [...fake.templates.values()];
  const wanted = (template: FakeTemplate, one: FakeVersion) =>
    !input.Versions ||
    input.Versions.includes(String(one.number)) ||
    (input.Versions.includes("$Latest") && one === latest(fake, template)) ||
    (input.Versions.includes("$Default") && one.number === template.defaultVersion);
  for (const version of input.Versions ?? [])
    for (const template of templates)
      if (/^\d+$/.test(version) && !seen(fake, template).some((one) => String(one.number) === version))
        throw awsError("InvalidLaunchTemplateId.VersionNotFound");
  const found = templates.flatMap((template) =>
    seen(fake, template)
      .filter((one) => wanted(template, one))
      .map((one) => shownVersion(template, one)),
  );
  const { items, ...rest } = page(fake, found, input.NextToken);
  return { LaunchTemplateVersions: items, ...rest };
};

interface CreateInput {
  readonly LaunchTemplateId: string;
  readonly LaunchTemplateData: RequestLaunchTemplateData;
  readonly VersionDescription?: string;
  readonly ClientToken?: string;
}

/** Writes a version as Terraform or a person would. */
export function addVersion(
  fake: FakeAws,
  id: string,
  data: RequestLaunchTemplateData,
  description?: string,
  by = "terraform",
): number {
  const template = findTemplate(fake, id);
  const number = ++template.lastNumber;
  const visibleAt = fake.now + fake.staleMilliseconds;
  template.versions.push({ number, data, description, createdBy: by, visibleAt });
  return number;
}

const createLaunchTemplateVersion: Command = (fake, input: CreateInput) => {
  const known = fake.tokens.get(input.ClientToken ?? "");
  const number =
    known ?? addVersion(fake, input.LaunchTemplateId, input.LaunchTemplateData, input.VersionDescription, CREATED_BY);
  if (input.ClientToken) fake.tokens.set(input.ClientToken, number);
  return { LaunchTemplateVersion: { VersionNumber: number } };
};

const modifyLaunchTemplate: Command = (fake, input: { LaunchTemplateId: string; DefaultVersion: string }) => {
  const template = findTemplate(fake, input.LaunchTemplateId);
  const number = Number(input.DefaultVersion);
  if (!seen(fake, template).some((one) => one.number === number))
    throw awsError("InvalidLaunchTemplateId.VersionNotFound");
  template.defaultVersion = number;
  return {};
};

const deleteLaunchTemplateVersions: Command = (fake, input: { LaunchTemplateId: string; Versions: string[] }) => {
  const template = findTemplate(fake, input.LaunchTemplateId);
  if (input.Versions.length > 200) throw awsError("InvalidParameterValue");
  if (input.Versions.includes(String(template.defaultVersion))) throw awsError("InvalidLaunchTemplateVersion");
  template.versions = template.versions.filter((one) => !input.Versions.includes(String(one.number)));
  return {};
};

export const templateCommands: Readonly<Record<string, Command>> = {
  DescribeLaunchTemplatesCommand: describeLaunchTemplates,
  DescribeLaunchTemplateVersionsCommand: describeLaunchTemplateVersions,
  CreateLaunchTemplateVersionCommand: createLaunchTemplateVersion,
  ModifyLaunchTemplateCommand: modifyLaunchTemplate,
  DeleteLaunchTemplateVersionsCommand: deleteLaunchTemplateVersions,
};
