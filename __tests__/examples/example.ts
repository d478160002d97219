/** An example, copied with the modules it calls into a scratch folder, under real Terraform and the emulated AWS. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { AwsEvent } from "../../lab/aws/hooks";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/server/start";
import { createClock } from "../../lab/product/clock";
import { deployedFunctions, invoke } from "../../lab/product/function";
import { standInBuild } from "../../lab/product/stand-in-build";
import {
  apply,
  changes,
  destroy,
  init,
  outputs,
  type SynthesizedStack,
  type TerraformOptions,
} from "../../lab/product/terraform";
import { PLUGIN_CACHE } from "../../lab/tools/project";
import { parameterPaths } from "../../lib/contract";

export const REGION = "eu-west-1";

export interface Example {
  readonly folder: string;
  readonly aws: EmulatedAws;
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  apply(): Promise<void>;
  /** Returns the plan, or undefined if it is empty. */
  changes(): Promise<string | undefined>;
  destroy(): Promise<void>;
  /** Stands in for a build of the cache `ci` with this content, and lets the deployed function promote it. Returns the snapshot's id. */
  promote(content: string): Promise<string>;
  /** Hands an event to the deployed function. */
  deliver(event: AwsEvent | undefined): Promise<void>;
  pointer(): Promise<string>;
  /** Snapshots in the block device mappings of a template's default version. */
  snapshotsInTemplate(id: string): Promise<string[]>;
  outputs(): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** @param source Folder below the project's root; its files may call `../../modules/…`. */
export async function startExample(source: string): Promise<Example> {
  const root = mkdtempSync(join(tmpdir(), "docker-cache-example-"));
  for (const path of [source, "modules"]) cpSync(path, join(root, path), { recursive: true });
  const clock = createClock();
  const aws = await startEmulatedAws({ now: clock.now });
  const stack: SynthesizedStack = { name: source, folder: join(root, source) };
  const options: TerraformOptions = {
    terraform: "terraform",
    env: aws.env,
    provider: aws.provider,
    pluginCache: PLUGIN_CACHE,
  };
  const config = {
    region: REGION,
    endpoint: aws.endpointUrl,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const [ec2, ssm] = [new EC2Client(config), new SSMClient(config)];
  await init(stack, options);

  async function promote(content: string): Promise<string> {
    const events: AwsEvent[] = [];
    const stop = aws.hooks.on("Event", (event) => void events.push(event));
    const buildId = `i-${content}`;
    const id = await standInBuild(ec2, ssm, {
      name: "ci",
      architecture: "x86_64",
      content,
      store: "overlay2/25",
      buildId,
    });
    stop();
    await deliver(events.find((candidate) => candidate["detail-type"] === "EBS Snapshot Notification"));
    return id;
  }

  async function deliver(event: AwsEvent | undefined): Promise<void> {
    for (const deployed of await deployedFunctions(stack, options)) {
      const { ok, result, log } = await invoke(deployed, event, aws, clock);
      if (!ok) throw new Error(`${deployed.name} failed: ${result}\n${log.join("\n")}`);
    }
  }

  return {
    folder: stack.folder,
    aws,
    ec2,
    ssm,
    apply: () => apply(stack, options),
    changes: () => changes(stack, options),
    destroy: () => destroy(stack, options),
    promote,
    deliver,
    outputs: () => outputs(stack, options),
    pointer: async () => {
      const Name = parameterPaths("ci", "x86_64").pointer;
      return (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? "";
    },
    snapshotsInTemplate: async (LaunchTemplateId) => {
      const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: ["$Default"] });
      const data = (await ec2.send(command)).LaunchTemplateVersions?.[0]?.LaunchTemplateData;
      return (data?.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => (Ebs?.SnapshotId ? [Ebs.SnapshotId] : []));
    },
    stop: async () => {
      await aws.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
