/**
 * The main job, from the default configuration to nothing left: real Terraform applies every stack of two regions against the emulated AWS, a
 * stand-in build's snapshot is promoted by the deployed function, copied and promoted there, planned again, purged and destroyed.
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
import { DescribeParametersCommand } from "@aws-sdk/client-ssm";
import { type EmulatedAws, startEmulatedAws } from "../lab/aws/start";
import * as loops from "../lab/loop/api-loop";
import { createClock } from "../lab/loop/clock";
import { readConfig } from "../lib/config/read-config";
import { resolveConfig } from "../lib/config/resolve";
import { ensureTerraform } from "../scripts/setup/terraform";

const run = promisify(execFile);
const root = join(__dirname, "..");
const REGIONS = ["eu-west-1", "us-east-1"] as const;
const MINUTES = 60_000;
let aws: EmulatedAws;
let folder: string;
let loop: loops.ApiLoop;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-whole-"));
  const outFolder = join(folder, "cdktf.out");
  await run(join(root, "node_modules/.bin/tsx"), ["main.ts"], {
    cwd: root,
    env: { ...process.env, CDKTF_OUTDIR: outFolder },
  });
  const parsed = readConfig({ DOCKER_CACHE_CONFIG: join(root, "docker-cache.yaml") });
  if (!parsed.ok) throw new Error("the default configuration has problems");
  const clock = createClock();
  aws = await startEmulatedAws({ now: clock.now });
  const terraform = await ensureTerraform(join(root, ".cache/terraform"));
  loop = loops.apiLoop(aws, clock, resolveConfig(parsed.config), outFolder, {
    terraform,
    env: aws.env,
    pluginCache: join(root, ".cache/terraform-plugins"),
  });
}, 5 * MINUTES);

afterAll(async () => {
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const quiet = () => {};

async function promote(events: Awaited<ReturnType<typeof loops.buildAll>>): Promise<void> {
  for (const event of events) {
    for (const { ok, result } of await loops.deliver(loop, event)) if (!ok) throw new Error(String(result));
  }
}

const pointerOf = async (region: string) =>
  (await loops.pointers(loop)).find((pointer) => pointer.region === region)?.snapshotId;

/** What the cache device of the worker's template carries, by `$Latest` and by `$Default`. */
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
  run(join(root, "scripts/docker-cache"), argv, { cwd: root, env: { ...process.env, ...aws.env } });

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
