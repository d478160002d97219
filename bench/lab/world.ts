/** What the lab's benchmarks run on: the product deployed by real Terraform to the emulated AWS, machines behind it, and the lab's registry. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DeleteParameterCommand, GetParametersByPathCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/start";
import { type Cloud, startCloud, stopCloud } from "../../lab/cloud/cloud";
import { type ApiLoop, apiLoop, applyAll, clients } from "../../lab/loop/api-loop";
import { createClock } from "../../lab/loop/clock";
import type { MachineSpec } from "../../lab/machine/machine";
import { startRegistry } from "../../lab/registry/lab-registry";
import { readConfig } from "../../lib/config/read-config";
import { resolveConfig } from "../../lib/config/resolve";
import { parameterPaths } from "../../lib/contract";
import { ensureTerraform } from "../../scripts/setup/terraform";

const root = join(__dirname, "../..");
const configuration = join(__dirname, "docker-cache.bench.yaml");

/** Region, cache and architecture of everything here. */
export const REGION = "eu-west-1";
export const CACHE = "ci";
export const ARCHITECTURE = "x86_64";
/** Of every machine here, see lab/setup. */
export const IMAGE = "trixie-aws";

export interface World {
  readonly aws: EmulatedAws;
  readonly cloud: Cloud;
  readonly loop: ApiLoop;
  readonly folder: string;
}

/** Synthesizes, starts everything and applies: about a minute. */
export async function startWorld(say: (line: string) => void): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-bench-"));
  const outFolder = join(folder, "cdktf.out");
  const env = { ...process.env, DOCKER_CACHE_CONFIG: configuration, CDKTF_OUTDIR: outFolder };
  await promisify(execFile)(join(root, "node_modules/.bin/tsx"), ["main.ts"], { cwd: root, env });
  const parsed = readConfig({ DOCKER_CACHE_CONFIG: configuration });
  if (!parsed.ok) throw new Error(`${configuration} has problems`);
  const clock = createClock();
  const aws = await startEmulatedAws({ now: clock.now });
  const cloud = await startCloud(aws, { regions: [REGION] });
  cloud.registry = await startRegistry(cloud.lab.run);
  const loop = apiLoop(aws, clock, resolveConfig(parsed.config), outFolder, {
    terraform: await ensureTerraform(join(root, ".cache/terraform")),
    env: aws.env,
    pluginCache: join(root, ".cache/terraform-plugins"),
  });
  await applyAll(loop, say);
  return { aws, cloud, loop, folder };
}

export async function stopWorld({ aws, cloud, folder }: World): Promise<void> {
  await stopCloud(cloud);
  await aws.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Configures other images, as `terraform apply` after a change of the list does: by the parameters that the builder reads. */
export async function configureImages({ loop }: World, lines: readonly string[]): Promise<void> {
  const { ssm } = clients(loop, REGION);
  const Path = parameterPaths(CACHE, ARCHITECTURE).images;
  const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path }));
  for (const { Name } of Parameters) await ssm.send(new DeleteParameterCommand({ Name }));
  await ssm.send(new PutParameterCommand({ Name: `${Path}/0`, Type: "String", Value: lines.join("\n") }));
}

/** What every machine of the bench is told by its metadata. */
export const metadata: MachineSpec["metadata"] = {
  imageId: "ami-0123456789abcdef0",
  instanceType: "m6i.large",
  architecture: ARCHITECTURE,
  accountId: "123456789012",
  region: REGION,
  availabilityZone: `${REGION}a`,
};
