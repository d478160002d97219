/**
 * The main job, from the default configuration to nothing left. Real Terraform applies every stack of two regions against the emulated AWS. The
 * deployed function promotes a stand-in build's snapshot, and its copy in the other region. Everything is planned again, purged and destroyed.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import { DescribeParametersCommand, GetParameterCommand } from "@aws-sdk/client-ssm";
import { type EmulatedAws, startEmulatedAws } from "../lab/aws/server/start";
import { assumeRole } from "../lab/aws/services/assume-role";
import * as loops from "../lab/product/api-loop";
import { createClock } from "../lab/product/clock";
import { PLUGIN_CACHE, ROOT, TERRAFORM_CACHE } from "../lab/tools/project";
import { ensureTerraform } from "../lab/tools/terraform";
import { readConfig } from "../lib/config/read-config";
import { resolveConfig } from "../lib/config/resolve-config";

const run = promisify(execFile);
const REGIONS = ["eu-west-1", "us-east-1"] as const;
const MINUTES = 60_000;
let aws: EmulatedAws;
let folder: string;
let loop: loops.ApiLoop;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-whole-"));
  const outFolder = join(folder, "cdktf.out");
  await run(join(ROOT, "node_modules/.bin/tsx"), ["main.ts"], {
    cwd: ROOT,
    env: { ...process.env, CDKTF_OUTDIR: outFolder },
  });
  const parsed = readConfig({ DOCKER_CACHE_CONFIG: join(ROOT, "docker-cache.yaml") });
  if (!parsed.ok) throw new Error("the default configuration has problems");
  const clock = createClock();
  aws = await startEmulatedAws({ now: clock.now });
  const terraform = await ensureTerraform(TERRAFORM_CACHE);
  loop = loops.apiLoop(aws, clock, resolveConfig(parsed.config), outFolder, {
    terraform,
    env: aws.env,
    provider: aws.provider,
    pluginCache: PLUGIN_CACHE,
  });
}, 5 * MINUTES);

afterAll(async () => {
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const quiet = () => {};

async function promote(events: Awaited<ReturnType<typeof loops.buildAll>>): Promise<void> {
  for (const { ok, result } of await loops.deliver(loop, events)) if (!ok) throw new Error(String(result));
}

const pointerOf = async (region: string) =>
  (await loops.pointers(loop)).find((pointer) => pointer.region === region)?.snapshotId;

/** Snapshots in the cache device of the worker's template, by `$Latest` and by `$Default`. */
async function templateSnapshots(region: string): Promise<(string | undefined)[]> {
  const { ec2 } = loops.clients(loop, region);
  const Filters = [{ Name: "tag:docker-cache:consume", Values: ["ci/x86_64"] }];
  const [template] = (await ec2.send(new DescribeLaunchTemplatesCommand({ Filters }))).LaunchTemplates ?? [];
  const answer = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({
      LaunchTemplateId: template?.LaunchTemplateId,
      Versions: ["$Latest", "$Default"],
    }),
  );
  return (answer.LaunchTemplateVersions ?? []).map(
    (version) =>
      version.LaunchTemplateData?.BlockDeviceMappings?.find((mapping) => mapping.DeviceName === "/dev/sdf")?.Ebs
        ?.SnapshotId,
  );
}

const cli = (...argv: string[]) =>
  run(join(ROOT, "scripts/docker-cache"), argv, { cwd: ROOT, env: { ...process.env, ...aws.env } });

test(
  "every stack applies, and nothing is promoted yet",
  async () => {
    await loops.applyAll(loop, quiet);
    expect(await pointerOf("eu-west-1")).toBe("none");
  },
  10 * MINUTES,
);

test(
  "the build's snapshot is promoted at once, its copy a day later in the other region",
  async () => {
    const events = await loops.buildAll(loop, "first", "i-00000000000000001");
    const built = events[0]?.detail.snapshot_id as string;
    await promote(events);
    expect(built.endsWith(`/${await pointerOf("eu-west-1")}`)).toBe(true);
    expect(await pointerOf("us-east-1")).toBe("none");
    await promote(await loops.replicateAll(loop));
    expect(await pointerOf("us-east-1")).toMatch(/^snap-/);
    for (const region of REGIONS) {
      const promoted = await pointerOf(region);
      expect(await templateSnapshots(region)).toContain(promoted);
      expect(new Set(await templateSnapshots(region))).toEqual(new Set([promoted]));
    }
  },
  5 * MINUTES,
);

test(
  "R15: a second plan says No changes, in every stack",
  async () => {
    expect(await loops.planAll(loop)).toEqual([]);
  },
  5 * MINUTES,
);

/** Returns a function that calls EC2 in the name of a role of the stacks, as the service that assumes it. */
async function as(role: string, service: string, sourceArn?: string) {
  const region = "eu-west-1";
  const roleArn = `arn:aws:iam::123456789012:role/docker-cache-ci-x86_64-${role}-${region}`;
  const { AccessKeyId: accessKeyId } = await assumeRole(aws.aws, region, { roleArn, service, sourceArn });
  return (action: string, input: object) => aws.aws.call({ service: "ec2", action, region, accessKeyId }, input);
}

const account = (action: string, input: object) =>
  aws.aws.call<Record<string, string>>({ service: "ec2", action, region: "eu-west-1" }, input);

const tag = (Key: string, Value: string) => ({ Key, Value });

test(
  "R16: roles did all this with what their policies allow, and nothing beyond is allowed",
  async () => {
    expect(loop.permissions.denied).toEqual([]);
    expect(loop.permissions.judged).toBeGreaterThan(20);
    const volumeParameter = { Name: "/docker-cache/ci/x86_64/volume-id" };
    const { Parameter } = await loops.clients(loop, "eu-west-1").ssm.send(new GetParameterCommand(volumeParameter));
    const cache = Parameter?.Value ?? "";
    const { VolumeId: other = "" } = await account("CreateVolume", { AvailabilityZone: "eu-west-1a", Size: 1 });
    const { SnapshotId: foreign } = await account("CreateSnapshot", { VolumeId: other });

    const builder = await as("builder", "ec2");
    const state = [tag("docker-cache:state", "ready")];
    await builder("CreateTags", { Resources: [cache], Tags: state });
    const rotation = await as("rotation", "lambda");
    const scheduler = await as(
      "scheduler",
      "scheduler",
      "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/docker-cache-ci-x86_64-builder",
    );
    const launch = {
      MinCount: 1,
      MaxCount: 1,
      LaunchTemplate: { LaunchTemplateName: "docker-cache-ci-x86_64-builder" },
    };
    const ours = await pointerOf("eu-west-1");
    const refused: [string, Promise<unknown>][] = [
      ["builder: a tag on another volume", builder("CreateTags", { Resources: [other], Tags: state })],
      ["builder: another tag", builder("CreateTags", { Resources: [cache], Tags: [tag("docker-cache:name", "x")] })],
      ["builder: a tag on a snapshot that exists", builder("CreateTags", { Resources: [ours], Tags: state })],
      ["builder: a snapshot of another volume", builder("CreateSnapshot", { VolumeId: other })],
      ["builder: a snapshot that is not marked ours", builder("CreateSnapshot", { VolumeId: cache })],
      ["builder: a deletion", builder("DeleteSnapshot", { SnapshotId: ours })],
      ["rotation: the deletion of a foreign snapshot", rotation("DeleteSnapshot", { SnapshotId: foreign })],
      ["rotation: a state", rotation("CreateTags", { Resources: [ours], Tags: state })],
      ["rotation: a tag on a foreign snapshot", rotation("CreateTags", { Resources: [foreign], Tags: state })],
      [
        "rotation: the builder's template",
        rotation("ModifyLaunchTemplate", { ...launch.LaunchTemplate, DefaultVersion: "1" }),
      ],
      ["scheduler: another user data", scheduler("RunInstances", { ...launch, UserData: "eA==" })],
      [
        "scheduler: another template",
        scheduler("RunInstances", {
          ...launch,
          LaunchTemplate: { LaunchTemplateName: "docker-cache-ci-x86_64-worker" },
        }),
      ],
    ];
    for (const [what, call] of refused) {
      const error = await call.then(
        () => `${what} was allowed`,
        (thrown: { code?: string; message: string }) => thrown.code ?? thrown.message,
      );
      expect([what, error]).toEqual([what, "UnauthorizedOperation"]);
    }
    await account("DeleteSnapshot", { SnapshotId: foreign });
    await account("DeleteVolume", { VolumeId: other });
  },
  5 * MINUTES,
);

test(
  "purge stops a running builder and leaves no snapshot in any region; destroy leaves nothing",
  async () => {
    await cli("build", "--region", "eu-west-1");
    const running = async () => {
      const Filters = [{ Name: "instance-state-name", Values: ["pending", "running"] }];
      const { ec2 } = loops.clients(loop, "eu-west-1");
      return ((await ec2.send(new DescribeInstancesCommand({ Filters }))).Reservations ?? []).length;
    };
    expect(await running()).toBe(1);
    await cli("purge", "--confirm=ci");
    expect(await running()).toBe(0);
    await loops.destroyAll(loop, quiet);
    for (const region of REGIONS) {
      const { ec2, ssm } = loops.clients(loop, region);
      expect((await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }))).Snapshots ?? []).toEqual([]);
      const volumes = (await ec2.send(new DescribeVolumesCommand({}))).Volumes ?? [];
      expect(volumes.filter((volume) => volume.State !== "deleting")).toEqual([]);
      expect((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates ?? []).toEqual([]);
      const Filters = [{ Key: "Name", Option: "BeginsWith", Values: ["/docker-cache/"] }];
      expect((await ssm.send(new DescribeParametersCommand({ ParameterFilters: Filters }))).Parameters ?? []).toEqual(
        [],
      );
    }
  },
  10 * MINUTES,
);
