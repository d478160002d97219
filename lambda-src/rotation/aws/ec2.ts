/** Launch templates, instances, volumes and AMIs through the SDK. */
import {
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateVersionsCommand,
  DeleteTagsCommand,
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type LaunchTemplateVersion,
  ModifyLaunchTemplateCommand,
  paginateDescribeImages,
  paginateDescribeInstances,
  paginateDescribeLaunchTemplates,
  paginateDescribeLaunchTemplateVersions,
  paginateDescribeVolumes,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { inParallel } from "../../../lib/in-parallel";
import type { InstancesPort, LaunchTemplatesPort } from "../ports";
import { flatten, toFilters, unlessGone } from "./lists";
import { toInstance, toTags, toVersion, toVersionSnapshots, toVolume } from "./shapes";

const PAGE = 1000;
const TEMPLATE_PAGE = 200;
/** So many templates are asked for one by one; for more, the region is listed, which costs a call for 200 templates. */
const ONE_BY_ONE = 20;
/** Calls at a time. */
const AT_ONCE = 4;

/** CreateTags and DeleteTags take so many resources. */
const TAGGED_PER_CALL = 1000;

function inPortions(ids: readonly string[]): string[][] {
  const calls = Math.ceil(ids.length / TAGGED_PER_CALL);
  return Array.from({ length: calls }, (_, call) => ids.slice(call * TAGGED_PER_CALL, (call + 1) * TAGGED_PER_CALL));
}

export function launchTemplatesPort(ec2: EC2Client): LaunchTemplatesPort {
  const paged = { client: ec2, pageSize: TEMPLATE_PAGE };
  return {
    async listLaunchTemplates(filters) {
      const pages = paginateDescribeLaunchTemplates(paged, { Filters: toFilters(filters) });
      return (await flatten(pages, (page) => page.LaunchTemplates)).map((one) => ({
        id: one.LaunchTemplateId ?? "",
        latestVersion: one.LatestVersionNumber ?? 0,
        defaultVersion: one.DefaultVersionNumber ?? 0,
        tags: toTags(one.Tags),
      }));
    },
    async listLatestVersions(templateIds) {
      if (templateIds.length > ONE_BY_ONE) {
        const wanted = new Set(templateIds);
        const pages = paginateDescribeLaunchTemplateVersions(paged, { Versions: ["$Latest"] });
        const ours = (one: LaunchTemplateVersion) => wanted.has(one.LaunchTemplateId ?? "");
        return flatten(pages, (page) => page.LaunchTemplateVersions?.filter(ours).map(toVersion));
      }
      const latest = (LaunchTemplateId: string) => ({ LaunchTemplateId, Versions: ["$Latest"] });
      const found = await inParallel(templateIds, AT_ONCE, (id) =>
        unlessGone(async () => ec2.send(new DescribeLaunchTemplateVersionsCommand(latest(id))), undefined),
      );
      return found.flatMap((answer) => (answer?.LaunchTemplateVersions ?? []).map(toVersion));
    },
    async listCurrentReferences() {
      const pages = paginateDescribeLaunchTemplateVersions(paged, { Versions: ["$Latest", "$Default"] });
      return flatten(pages, (page) => page.LaunchTemplateVersions?.map(toVersionSnapshots));
    },
    async listVersions(templateId, versions) {
      const pages = versions
        ? paginateDescribeLaunchTemplateVersions(
            { client: ec2 },
            { LaunchTemplateId: templateId, Versions: versions.map(String) },
          )
        : paginateDescribeLaunchTemplateVersions(paged, { LaunchTemplateId: templateId });
      return (await unlessGone(() => flatten(pages, (page) => page.LaunchTemplateVersions), [])).map(toVersion);
    },
    async createVersion(templateId, data, description, token) {
      const created = await ec2.send(
        new CreateLaunchTemplateVersionCommand({
          LaunchTemplateId: templateId,
          LaunchTemplateData: data as CreateLaunchTemplateVersionCommand["input"]["LaunchTemplateData"],
          VersionDescription: description,
          ClientToken: token,
        }),
      );
      return created.LaunchTemplateVersion?.VersionNumber ?? 0;
    },
    async setDefaultVersion(templateId, version) {
      await ec2.send(
        new ModifyLaunchTemplateCommand({ LaunchTemplateId: templateId, DefaultVersion: String(version) }),
      );
    },
    async deleteVersions(templateId, versions) {
      const Versions = versions.map(String);
      await ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: templateId, Versions }));
    },
  };
}

async function listInstancePages(ec2: EC2Client, query: object) {
  const reservations = await flatten(paginateDescribeInstances({ client: ec2 }, query), (page) => page.Reservations);
  return reservations.flatMap((one) => one.Instances ?? []).map(toInstance);
}

export function instancesPort(ec2: EC2Client): InstancesPort {
  const paged = { client: ec2, pageSize: PAGE };
  return {
    async listInstances(filters) {
      return listInstancePages(ec2, { Filters: toFilters(filters), MaxResults: PAGE });
    },
    async getInstance(id) {
      return (await unlessGone(() => listInstancePages(ec2, { InstanceIds: [id] }), []))[0] ?? null;
    },
    async terminateInstance(id) {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
    async listVolumes(filters) {
      const pages = paginateDescribeVolumes(paged, { Filters: toFilters(filters) });
      return (await flatten(pages, (page) => page.Volumes)).map(toVolume);
    },
    async listImages(filters = {}) {
      const pages = paginateDescribeImages(paged, {
        Owners: ["self"],
        // A disabled AMI keeps its snapshots from being deleted as any other does.
        IncludeDisabled: true,
        Filters: toFilters(filters),
      });
      return (await flatten(pages, (page) => page.Images)).map(({ ImageId = "", BlockDeviceMappings = [] }) => ({
        imageId: ImageId,
        snapshotIds: BlockDeviceMappings.flatMap((one) => (one.Ebs?.SnapshotId ? [one.Ebs.SnapshotId] : [])),
      }));
    },
    async tagResources(ids, key, value) {
      const Tags = [{ Key: key, Value: value }];
      for (const Resources of inPortions(ids)) await ec2.send(new CreateTagsCommand({ Resources, Tags }));
    },
    async untagResources(ids, keys) {
      const Tags = keys.map((Key) => ({ Key }));
      for (const Resources of inPortions(ids)) await ec2.send(new DeleteTagsCommand({ Resources, Tags }));
    },
  };
}
