/** World of the lab's benchmarks: the product deployed by real Terraform to the emulated AWS, machines behind it, and the lab's registry. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DeleteParameterCommand, GetParametersByPathCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import type { MachineSpec } from "../../lab/machine/machine";
import { clients } from "../../lab/product/api-loop";
import { type Deployed, deploy, withdraw } from "../../lab/product/deploy";
import { parameterPaths } from "../../lib/contract";

/** Region, cache and architecture of everything here. */
export const REGION = "eu-west-1";
export const CACHE = "ci";
export const ARCHITECTURE = "x86_64";
/** Of every machine here, see lab/setup. */
export const IMAGE = "trixie-aws";

export type World = Deployed;

/** Starts everything and applies: about a minute. */
export const startWorld = (): Promise<World> =>
  deploy({ config: readFileSync(join(__dirname, "docker-cache.bench.yaml"), "utf8") });

export const stopWorld = withdraw;

/** Configures other images, as `terraform apply` after a change of the list does: by the parameters that the builder reads. */
export async function configureImages({ loop }: World, lines: readonly string[]): Promise<void> {
  const { ssm } = clients(loop, REGION);
  const Path = parameterPaths(CACHE, ARCHITECTURE).images;
  const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path }));
  for (const { Name } of Parameters) await ssm.send(new DeleteParameterCommand({ Name }));
  await ssm.send(new PutParameterCommand({ Name: `${Path}/0`, Type: "String", Value: lines.join("\n") }));
}

/** Metadata of every machine of the bench. */
export const metadata: MachineSpec["metadata"] = {
  imageId: "ami-0123456789abcdef0",
  instanceType: "m6i.large",
  architecture: ARCHITECTURE,
  accountId: "123456789012",
  region: REGION,
  availabilityZone: `${REGION}a`,
};
