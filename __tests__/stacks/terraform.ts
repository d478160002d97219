/** Real Terraform over synthesized stacks, against an emulated AWS of the test file's own. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/server/start";
import {
  apply,
  changes,
  destroy,
  init,
  type SynthesizedStack,
  stacksIn,
  type TerraformOptions,
} from "../../lab/product/terraform";
import { findTerraform } from "../../lab/tools/terraform";
import type { Deployment } from "../../lib/config/cell";
import { writeStacks } from "./synthesized";

export interface Workbench {
  readonly aws: EmulatedAws;
  /** Where stacks and states are. */
  readonly folder: string;
  /** Synthesizes a deployment over the former one, as a changed configuration does: state stays. */
  synthesize(wanted: Deployment): Promise<void>;
  /** `apply` of the stacks whose names begin so; all by default. */
  apply(prefix?: string): Promise<void>;
  /** Returns the changes that the plan of one stack would make, or undefined if there are none. Throws if the plan fails. */
  plan(name: string): Promise<string | undefined>;
  /** Plans that are not empty, by name: of the stacks whose names begin so, all by default. */
  planAll(prefix?: string): Promise<Record<string, string>>;
  /** `destroy` of the stacks whose names begin so. */
  destroy(prefix: string): Promise<void>;
  clients(region: string): { readonly ec2: EC2Client; readonly ssm: SSMClient };
  close(): Promise<void>;
}

export async function openWorkbench(): Promise<Workbench> {
  const terraform = findTerraform();
  if (terraform === undefined) throw new Error("no terraform on the PATH: run scripts/test, which gets one");
  const aws = await startEmulatedAws();
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-apply-"));
  const options: TerraformOptions = {
    terraform,
    env: aws.env,
    provider: aws.provider,
    pluginCache: join(folder, "plugins"),
  };
  mkdirSync(options.pluginCache);
  let stacks: readonly SynthesizedStack[] = [];
  const begun = new Set<string>();
  const clientsByRegion = new Map<string, { readonly ec2: EC2Client; readonly ssm: SSMClient }>();
  const named = (name: string) => stacks.find((stack) => stack.name === name) ?? fail(name);
  return {
    aws,
    folder,
    async synthesize(wanted) {
      stacks = stacksIn(writeStacks(folder, wanted));
      for (const stack of stacks.filter(({ name }) => !begun.has(name))) {
        await init(stack, options);
        begun.add(stack.name);
      }
    },
    async apply(prefix = "") {
      // All at once, for most of it is the provider waiting for what it made to be seen everywhere.
      await Promise.all(stacks.filter(({ name }) => name.startsWith(prefix)).map((stack) => apply(stack, options)));
    },
    plan: (name) => changes(named(name), options),
    async planAll(prefix = "") {
      const meant = stacks.filter(({ name }) => name.startsWith(prefix));
      const plans = await Promise.all(meant.map(async (stack) => [stack.name, await changes(stack, options)]));
      return Object.fromEntries(plans.filter(([, plan]) => plan !== undefined));
    },
    async destroy(prefix) {
      await Promise.all(stacks.filter(({ name }) => name.startsWith(prefix)).map((stack) => destroy(stack, options)));
    },
    clients(region) {
      const known = clientsByRegion.get(region);
      if (known !== undefined) return known;
      const config = clientConfig(aws, region);
      const made = { ec2: new EC2Client(config), ssm: new SSMClient(config) };
      clientsByRegion.set(region, made);
      return made;
    },
    async close() {
      for (const client of [...clientsByRegion.values()].flatMap(({ ec2, ssm }) => [ec2, ssm])) client.destroy();
      await aws.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** How to make a client of any service. */
export function clientConfig(aws: EmulatedAws, region: string) {
  return { region, endpoint: aws.endpointUrl, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}

function fail(name: string): never {
  throw new Error(`no stack ${name} was synthesized`);
}
