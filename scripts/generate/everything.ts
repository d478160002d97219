/** A configuration with everything switched on, synthesized: what documents and policies have to cover. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FUNCTIONS } from "../../lambda-src/bundle";
import type { Companion } from "../../lib/config/companion";
import { parseConfig } from "../../lib/config/load";
import { resolveConfig } from "../../lib/config/resolve-config";
import type { Config } from "../../lib/config/schema/schema";
import { addStacks } from "../../stacks/add-stacks";
import { companionsOf, type Noun } from "../../stacks/faces/noun";
import { NOUNS } from "../../stacks/nouns";
import { App } from "../../stacks/terraform/cdktf";
import { withExamples } from "../gate/with-examples";

const key = (region: string) => `arn:aws:kms:${region}:123456789012:key/11111111-2222-3333-4444-555555555555`;

/** The name of its one cache. */
export const CACHE = "ci";
/** The region that builds it; the other copies. */
export const REGION = "eu-west-1";

const CONFIGURATION = `
regions:
  ${REGION}:
    kms_key_arn: ${key(REGION)}
    notifications: { email: ops@example.com }
  us-east-1:
    copy_from: ${REGION}
    notifications: { email: ops@example.com }
    kms_key_arn: ${key("us-east-1")}
caches:
  ${CACHE}:
    images:
      - python:3.12-slim
      - 123456789012.dkr.ecr.${REGION}.amazonaws.com/team/app:1
    registries: [{ host: ghcr.io, secret_name: ci/ghcr, kms_key_arn: ${key(REGION)} }]
    pull_through: { docker.io: docker-hub }
    retention: { recycle_bin_days: 7 }
    worker: { pull_through_access: true, policy_arns: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"] }
    permissions_boundary_arn: arn:aws:iam::123456789012:policy/boundary
`;

type Block = Readonly<Record<string, unknown>>;
type Blocks = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** A stack as Terraform reads it. */
export interface StackJson {
  /** `<project>-<noun>-<region>` */
  readonly name: string;
  readonly resource: Blocks;
  readonly data: Blocks;
  readonly output?: Readonly<Record<string, Block>>;
}

/** The configuration, with the companions' examples. */
export function readEverything(companions: readonly Companion[]): Config {
  const parsed = parseConfig(withExamples(CONFIGURATION, companions), "everything.yaml", companions);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

/** Writes the stacks below `outdir`, as `cdktf synth` does; the functions' code is left empty. */
export function writeEverything(outdir: string, nouns: readonly Noun[] = NOUNS): void {
  const companions = companionsOf(nouns);
  const config = readEverything(companions);
  const codeFolder = join(outdir, "code");
  for (const name of FUNCTIONS) {
    mkdirSync(join(codeFolder, name), { recursive: true });
    writeFileSync(join(codeFolder, name, "index.mjs"), "");
  }
  const app = new App({ outdir, stackTraces: false });
  addStacks(app, { deployment: resolveConfig(config, companions), codeFolder }, nouns);
  app.synth();
}

/** The stacks, by name. Written to a folder that is gone afterwards. */
export function synthesizeEverything(nouns: readonly Noun[] = NOUNS): StackJson[] {
  const outdir = mkdtempSync(join(tmpdir(), "docker-cache-everything-"));
  try {
    writeEverything(outdir, nouns);
    const stacks = join(outdir, "stacks");
    return readdirSync(stacks)
      .sort()
      .map((name) => ({ ...JSON.parse(readFileSync(join(stacks, name, "cdk.tf.json"), "utf8")), name }));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
