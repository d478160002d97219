/** Synthesizes a deployment as `cdktf synth` does and reads back what Terraform would read. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FUNCTIONS } from "../../lambda-src/bundle";
import type { BuilderSettings, Deployment, WorkerSettings } from "../../lib/config/cell";
import { addStacks } from "../../stacks/add-stacks";
import type { Noun } from "../../stacks/faces/noun";
import { NOUNS } from "../../stacks/nouns";
import { App } from "../../stacks/terraform/cdktf";
import { builderSettings, cell, deployment, region, rotationSettings, workerSettings } from "./fixture";

// biome-ignore lint/suspicious/noExplicitAny: tests reach into Terraform's JSON, whose shape the provider decides
export type Json = any;

/** A stack as Terraform reads it, without cdktf's own notes. */
export interface StackJson {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly data: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly [block: string]: Json;
}

/** Stands for the bundled functions. */
function codeFolderIn(folder: string): string {
  const code = join(folder, "code");
  for (const name of FUNCTIONS) {
    mkdirSync(join(code, name), { recursive: true });
    writeFileSync(join(code, name, "index.mjs"), "export const handler = async () => {};\n");
  }
  return code;
}

/** Writes the stacks below `folder`/cdktf.out. */
export function writeStacks(folder: string, wanted: Deployment, nouns: readonly Noun[] = NOUNS): string {
  const outdir = join(folder, "cdktf.out");
  const codeFolder = codeFolderIn(folder);
  const app = new App({ outdir, stackTraces: false });
  addStacks(app, { deployment: wanted, codeFolder }, nouns);
  app.synth();
  return outdir;
}

function withoutNotes(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNotes);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "//")
      .map(([key, item]) => [key, withoutNotes(item)]),
  );
}

/** All stacks of a deployment by name. */
export function synthesize(wanted: Deployment, nouns: readonly Noun[] = NOUNS): Readonly<Record<string, StackJson>> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-stacks-"));
  try {
    const stacks = join(writeStacks(folder, wanted, nouns), "stacks");
    if (!existsSync(stacks)) return {};
    const read = (name: string) => JSON.parse(readFileSync(join(stacks, name, "cdk.tf.json"), "utf8"));
    return Object.fromEntries(readdirSync(stacks).map((name) => [name, withoutNotes(read(name))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One stack of one region with one cell. */
function only(noun: string, parts: Parameters<typeof cell>[0]): StackJson {
  return synthesize(deployment({ regions: [region({ cells: [cell(parts)] })] }))[`docker-cache-${noun}-eu-west-1`]!;
}

export const builderStack = (overrides: Partial<BuilderSettings> = {}) =>
  only("builder", { builder: builderSettings(overrides) });
export const rotationStack = (overrides: Parameters<typeof rotationSettings>[0] = {}) =>
  only("rotation", { rotation: rotationSettings(overrides) });
export const workerStack = (overrides: Partial<WorkerSettings> = {}) =>
  only("worker", { worker: workerSettings(overrides) });
