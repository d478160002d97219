/**
 * One cache in two regions as the stacks make it, made in an emulated AWS by calls instead of by Terraform. It takes a second, and the command line
 * meets the stacks through these names and tags alone. `whole.slow.test.ts` runs it on what Terraform makes.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import {
  CopySnapshotCommand,
  CreateLaunchTemplateCommand,
  CreateVolumeCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type ResourceType,
} from "@aws-sdk/client-ec2";
import { GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/server/start";
import { standInBuild } from "../../lab/product/stand-in-build";
import { cacheId, parameterPaths, ROLES, resourceNames, TAG } from "../../lib/contract";
import { READY_CONFIRMATION } from "./ready-confirmation";

// jest transforms TypeScript itself.
jest.mock("tsx/cjs", () => ({}));
const { main } = require("../../cli/program.cjs") as { main(argv: readonly string[]): Promise<void> };

export const HERE = "eu-west-1";
export const THERE = "us-east-1";
const ARCHITECTURE = "x86_64";
const PATHS = parameterPaths("ci", ARCHITECTURE);
const OURS = { [TAG.name]: "ci", [TAG.architecture]: ARCHITECTURE };

/** Output and effects of a command. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Calls that changed something, or would have. */
  readonly changes: readonly string[];
}

export interface CachedRegions {
  readonly aws: EmulatedAws;
  ec2(region: string): EC2Client;
  logs(region: string): CloudWatchLogsClient;
  /** The command line on the configuration of the two regions, in this process: Node and its loader would take longer than the commands. */
  cli(...argv: string[]): Promise<Ended>;
  /** As a builder leaves it: the volume tagged, a ready snapshot. Returns the snapshot's id. */
  build(content: string): Promise<string>;
  /** Copies a snapshot with its tags to the other region. Returns the copy's id. */
  copy(snapshotId: string): Promise<string>;
  /** Pointer, `rejected`, and what the worker's template names in `$Latest` and `$Default`. */
  served(region: string): Promise<{ pointer: string; rejected: string; latest?: string; fallback?: string }>;
  /** Everything a command may change in both regions, as text. */
  everything(): Promise<string>;
  stop(): Promise<void>;
}

const tagList = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
const specification = (ResourceType: ResourceType, tags: Record<string, string>) => [
  { ResourceType, Tags: tagList(tags) },
];
const READS = /^(Describe|Get|List|AssumeRole)/;

async function makeStacks(ec2: EC2Client, ssm: SSMClient, region: string): Promise<void> {
  const put = (Name: string, Value: string) => ssm.send(new PutParameterCommand({ Name, Value, Type: "String" }));
  await put(PATHS.pointer, "none");
  await put(PATHS.rejected, "none");
  const names = resourceNames("ci", ARCHITECTURE, region);
  const consumes = { ...OURS, [TAG.consume]: cacheId("ci", ARCHITECTURE), [TAG.mapping]: "size=100" };
  const template = (LaunchTemplateName: string, tags: Record<string, string>, mappings: object[]) =>
    ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: "m6i.large", BlockDeviceMappings: mappings },
        TagSpecifications: specification("launch-template", tags),
      }),
    );
  await template(names.worker, consumes, [{ DeviceName: "/dev/sdf", NoDevice: "" }]);
  if (region !== HERE) return;
  await template(names.builder, OURS, []);
  const tags = { ...OURS, [TAG.role]: ROLES.cacheVolume };
  const volume = { AvailabilityZone: `${region}a`, Size: 50, TagSpecifications: specification("volume", tags) };
  await put(PATHS.volumeId, (await ec2.send(new CreateVolumeCommand(volume))).VolumeId ?? "");
}

/** The copies of the emulation's DLM bear DLM's tags; these are made by CopySnapshot and proven by ours. */
function configuration(folder: string): string {
  const file = join(folder, "docker-cache.yaml");
  const cache = {
    images: ["python:3.12-slim"],
    architectures: { [ARCHITECTURE]: {} },
    rotation: { copy_proof: "tags" },
  };
  const regions = { [HERE]: {}, [THERE]: { copy_from: HERE } };
  writeFileSync(file, JSON.stringify({ regions, caches: { ci: cache } }));
  return file;
}

export async function openCachedRegions(): Promise<CachedRegions> {
  const aws = await startEmulatedAws();
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-commands-"));
  const former = { ...process.env };
  for (const [name, value] of Object.entries({ ...aws.env, DOCKER_CACHE_CONFIG: configuration(folder) })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const at = (region: string) => ({ region, endpoint: aws.endpointUrl, credentials });
  const ec2 = Object.fromEntries([HERE, THERE, "us-west-2"].map((region) => [region, new EC2Client(at(region))]));
  const ssm = Object.fromEntries([HERE, THERE].map((region) => [region, new SSMClient(at(region))]));
  for (const region of [HERE, THERE]) await makeStacks(ec2[region]!, ssm[region]!, region);
  let changes: string[] = [];
  aws.hooks.on("Request", ({ action }) => {
    if (!READS.test(action)) changes.push(action);
  });
  let builds = 0;

  const templateOf = async (region: string) => {
    const { LaunchTemplates = [] } = await ec2[region]!.send(new DescribeLaunchTemplatesCommand({}));
    const LaunchTemplateId = LaunchTemplates.find((one) =>
      one.LaunchTemplateName?.endsWith("-worker"),
    )?.LaunchTemplateId;
    return (await ec2[region]!.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId })))
      .LaunchTemplateVersions!;
  };
  const parameters = async (region: string) =>
    (await ssm[region]!.send(new GetParametersCommand({ Names: [PATHS.pointer, PATHS.rejected] }))).Parameters!;

  return {
    aws,
    ec2: (region) => ec2[region]!,
    logs: (region) => new CloudWatchLogsClient(at(region)),
    async cli(...argv) {
      changes = [];
      const said = { stdout: "", stderr: "" };
      const spies = (["stdout", "stderr"] as const).map((name) =>
        jest.spyOn(process[name], "write").mockImplementation((text) => {
          said[name] += String(text);
          return true;
        }),
      );
      try {
        process.exitCode = undefined;
        await main([process.execPath, "docker-cache", ...argv]);
        expect(said.stdout + said.stderr).not.toMatch(READY_CONFIRMATION);
        return { status: Number(process.exitCode ?? 0), ...said, changes };
      } finally {
        process.exitCode = undefined;
        for (const spy of spies) spy.mockRestore();
      }
    },
    build: (content) =>
      standInBuild(ec2[HERE]!, ssm[HERE]!, {
        name: "ci",
        architecture: ARCHITECTURE,
        content,
        store: "overlay2/25",
        buildId: `i-${String(++builds).padStart(17, "0")}`,
      }),
    async copy(snapshotId) {
      const { Snapshots } = await ec2[HERE]!.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }));
      const copied = await ec2[THERE]!.send(
        new CopySnapshotCommand({
          SourceRegion: HERE,
          SourceSnapshotId: snapshotId,
          TagSpecifications: [{ ResourceType: "snapshot", Tags: Snapshots![0]!.Tags }],
        }),
      );
      await aws.aws.agenda.settle();
      return copied.SnapshotId ?? "";
    },
    async served(region) {
      const values = Object.fromEntries((await parameters(region)).map((one) => [one.Name, one.Value!]));
      const versions = await templateOf(region);
      const named = (version: (typeof versions)[number] | undefined) =>
        version?.LaunchTemplateData?.BlockDeviceMappings?.find((one) => one.DeviceName === "/dev/sdf")?.Ebs?.SnapshotId;
      const latest = versions.reduce((a, b) => (a.VersionNumber! > b.VersionNumber! ? a : b));
      return {
        pointer: values[PATHS.pointer]!,
        rejected: values[PATHS.rejected]!,
        latest: named(latest),
        fallback: named(versions.find((one) => one.DefaultVersion)),
      };
    },
    async everything() {
      const region = async (name: string) => {
        const { Snapshots } = await ec2[name]!.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
        return [await parameters(name), await templateOf(name), Snapshots];
      };
      return JSON.stringify(await Promise.all([HERE, THERE].map(region)));
    },
    async stop() {
      for (const client of [...Object.values(ec2), ...Object.values(ssm)]) client.destroy();
      process.env = former;
      await aws.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
