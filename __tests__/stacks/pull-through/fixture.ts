/** Deployments with pull-through, from configurations as people write them, and the secrets that their rules name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { ROOT } from "../../../lab/tools/project";
import type { Deployment } from "../../../lib/config/cell";
import { parseConfig } from "../../../lib/config/load";
import { resolveConfig } from "../../../lib/config/resolve-config";

export const REGION = "eu-west-1";
export const STACK = `docker-cache-pull-through-${REGION}`;
export const LOGIN = "ecr-pullthroughcache/docker-hub";
/** Stands in every secret: to be found nowhere in a state. */
export const TOKEN = "dckr_pat_never_in_a_state";

/** Docker Hub with a login and Quay without, beside ECR Public. */
export const RULES = {
  "docker-hub": { upstream: "docker.io", secret_name: LOGIN },
  quay: { upstream: "quay.io" },
};

export interface Sections {
  /** @default - none */
  readonly pull_through?: object;
  /** Of the region. @default - an address is told */
  readonly region?: object;
  /** Of the cache `ci`, beside its images. @default - nothing */
  readonly cache?: object;
}

/** A deployment of one region and one cache. @throws if the configuration is refused */
export function deploymentWith({ pull_through, region, cache }: Sections): Deployment {
  const config = {
    regions: { [REGION]: region ?? { notifications: { email: "ops@example.com" } } },
    caches: { ci: { images: ["python:3.12-slim"], ...cache } },
    ...(pull_through && { pull_through }),
  };
  // JSON is YAML.
  const parsed = parseConfig(JSON.stringify(config), "docker-cache.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolveConfig(parsed.config);
}

/** The same without the cache: there are the stacks of pull-through alone. */
export function pullThroughAlone(sections: Sections): Deployment {
  const whole = deploymentWith(sections);
  return { ...whole, regions: whole.regions.map((region) => ({ ...region, cells: [] })) };
}

/** Makes a login, and returns its ARN. */
export async function createSecret({ aws }: EmulatedAws, Name = LOGIN, region = REGION): Promise<string> {
  const SecretString = JSON.stringify({ username: "ci", accessToken: TOKEN });
  const call = { service: "secretsmanager", action: "CreateSecret", region };
  const { ARN } = await aws.call<{ ARN: string }>(call, { Name, SecretString });
  return ARN;
}

/** Makes a rule and a template for Quay, as somebody else may have before. */
export async function makeBefore({ aws }: EmulatedAws, region = REGION): Promise<void> {
  const call = (action: string, input: object) => aws.call({ service: "ecr", action, region }, input);
  await call("CreatePullThroughCacheRule", { ecrRepositoryPrefix: "quay", upstreamRegistryUrl: "quay.io" });
  await call("CreateRepositoryCreationTemplate", { prefix: "quay", appliedFor: ["PULL_THROUGH_CACHE"] });
}

/** Deletes a login for good. */
export async function deleteSecret({ aws }: EmulatedAws, SecretId = LOGIN, region = REGION): Promise<void> {
  const call = { service: "secretsmanager", action: "DeleteSecret", region };
  await aws.call(call, { SecretId, ForceDeleteWithoutRecovery: true });
}

/** What a plan does to resources, each as `how address`; sorted. */
export function changesIn(plan: string | undefined): string[] {
  return [...(plan ?? "").matchAll(/^ {2}# (\S+) (?:will|must) be (\S+)/gm)]
    .map(([, address, how]) => `${how} ${address}`)
    .sort();
}

/** A failure of Terraform as one line: it breaks its messages into several. */
export function failureOf(plan: Promise<unknown>): Promise<string> {
  return plan.then(
    () => "the plan succeeded",
    (error: Error) => error.message.replace(/[\s│╷╵]+/g, " "),
  );
}

/** What docs/pull-through.md says to do about rules that the account has already: blocks for the module, commands for the stack. */
export function documentedImports(): { readonly blocks: string; readonly commands: readonly string[][] } {
  const page = readFileSync(join(ROOT, "docs/pull-through.md"), "utf8");
  const section = /^### Rule exists already$[\s\S]*?(?=^### )/m.exec(page)?.[0] ?? "";
  const [, blocks = ""] = /^```hcl\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const commands = [...section.matchAll(/^terraform import '(\S+)' (\S+)$/gm)].map(([, address = "", id = ""]) => [
    address,
    id,
  ]);
  return { blocks, commands };
}
