/** Terraform with the provider that is kept warm plans, applies and reads what it does with one that it starts itself. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EmulatedAws, startEmulatedAws } from "../../../lab/aws/server/start";
import { waitUntil } from "../../../lab/machine/machine-shell";
import {
  apply,
  automated,
  changes,
  destroy,
  init,
  outputs,
  type SynthesizedStack,
  type TerraformOptions,
} from "../../../lab/product/terraform";
import { namedTypes } from "../../../lab/provider/provider-schema";
import { startWarmProvider, type WarmProvider } from "../../../lab/provider/warm-provider";
import { PLUGIN_CACHE, ROOT } from "../../../lab/tools/project";

const run = promisify(execFile);

jest.setTimeout(300_000);

/** The gate names it; by hand these tests have nothing to hold. */
const binary = process.env.DOCKER_CACHE_LAB_PROVIDER ?? "";

let aws: EmulatedAws;
let provider: WarmProvider;
let folder: string;
let options: TerraformOptions;
beforeAll(async () => {
  if (!existsSync(binary)) throw new Error("DOCKER_CACHE_LAB_PROVIDER names no file: run scripts/test terraform");
  aws = await startEmulatedAws();
  folder = mkdtempSync(join(tmpdir(), "docker-cache-warm-"));
  provider = startWarmProvider({ binary, env: aws.env, types: () => namedTypes(ROOT), cache: join(folder, "schemas") });
  const pluginCache = PLUGIN_CACHE;
  options = { terraform: "terraform", env: aws.env, provider, pluginCache };
});
afterAll(async () => {
  await provider?.stop();
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A root of its own, initialized. */
async function stackOf(name: string, text: string): Promise<SynthesizedStack> {
  const stack = { name, folder: mkdtempSync(join(folder, `${name}-`)) };
  const head = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n';
  writeFileSync(join(stack.folder, "main.tf"), head + text);
  await init(stack, options);
  return stack;
}

const topicIn = (region: string, alias = "") => `
provider "aws" {
  region = "${region}"
  ${alias && `alias = "${alias}"`}
}
resource "aws_sns_topic" "in_${region.replaceAll("-", "_")}" {
  ${alias && `provider = aws.${alias}`}
  name = "topic"
}
output "${region}" {
  value = aws_sns_topic.in_${region.replaceAll("-", "_")}.arn
}
`;

test("a plan, an apply, a second plan and a destroy are what they are with a provider that Terraform starts", async () => {
  const cold = { ...options, provider: undefined };
  const stack = await stackOf("same", topicIn("eu-west-1"));
  const planned = await changes(stack, options);
  expect(planned).toContain("Plan: 1 to add, 0 to change, 0 to destroy.");
  expect(await changes(stack, cold)).toBe(planned);
  await apply(stack, options);
  expect(await changes(stack, cold)).toBeUndefined();
  expect(await changes(stack, options)).toBeUndefined();
  await destroy(stack, options);
  expect(await changes(stack, cold)).toBe(planned);
});

test("two configurations in one root keep to their regions", async () => {
  const stack = await stackOf("regions", topicIn("eu-west-1") + topicIn("us-east-1", "far"));
  await apply(stack, options);
  expect(await outputs(stack, options)).toEqual({
    "eu-west-1": "arn:aws:sns:eu-west-1:123456789012:topic",
    "us-east-1": "arn:aws:sns:us-east-1:123456789012:topic",
  });
  await destroy(stack, options);
});

test("commands side by side keep to their regions, and processes are used again", async () => {
  const regions = ["eu-west-1", "us-east-1", "eu-central-1"];
  const stacks = [];
  for (const region of regions) stacks.push(await stackOf(region, topicIn(region)));
  await Promise.all(stacks.map((stack) => apply(stack, options)));
  const told = await Promise.all(stacks.map((stack) => outputs(stack, options)));
  expect(told).toEqual(regions.map((region) => ({ [region]: `arn:aws:sns:${region}:123456789012:topic` })));
  const before = provider.processes();
  for (let turn = 0; turn < 3; turn++)
    for (const stack of stacks) expect(await changes(stack, options)).toBeUndefined();
  expect(provider.processes()).toBe(before);
  await Promise.all(stacks.map((stack) => destroy(stack, options)));
});

test("a path in a configuration is relative to its folder, as ever", async () => {
  const object = (name: string) => `
provider "aws" {
  region            = "eu-west-1"
  s3_use_path_style = true
}
resource "aws_s3_bucket" "it" {
  bucket = "${name}"
}
resource "aws_s3_object" "it" {
  bucket = aws_s3_bucket.it.bucket
  key    = "file"
  source = "./file"
}
output "etag" {
  value = aws_s3_object.it.etag
}
`;
  for (const [name, etag] of [
    ["one", "f97c5d29941bfb1b2fdab0874906ab82"],
    ["two", "b8a9f715dbb64fd5c56e7783c6820a61"],
  ] as const) {
    const stack = await stackOf(name, object(name));
    writeFileSync(join(stack.folder, "file"), name);
    await apply(stack, options);
    expect(await outputs(stack, options)).toEqual({ etag });
  }
});

test("a type that no file names is unknown: nothing is handed out that is not asked for", async () => {
  const unknown = ["aws", "xray", "group"].join("_");
  const stack = await stackOf("unknown", `resource "${unknown}" "it" {}\n`);
  await expect(changes(stack, options)).rejects.toThrow(`does not support resource type "${unknown}"`);
});

/** Ids of the provider processes that work in a folder. */
function processesIn(folder: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder && readlinkSync(`/proc/${pid}/exe`) === realpathSync(binary);
    } catch {
      // It has ended meanwhile, or is somebody else's.
      return false;
    }
  });
}

/** Starts an apply whose call is held up in the emulated AWS, and returns when it is there. */
async function heldUp(name: string) {
  const stack = await stackOf(name, topicIn("eu-west-1"));
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    const stop = aws.hooks.on("Request", async ({ action }) => {
      if (action !== "CreateTopic") return;
      stop();
      resolve();
      await held;
    });
  });
  const env = { ...process.env, ...aws.env, ...(await automated(stack.folder, ["apply"], provider)) };
  const child = spawn("terraform", [`-chdir=${stack.folder}`, "apply", "-auto-approve", "-no-color"], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await arrived;
  return { stack, child, ended, letGo, output: () => output };
}

const onLinux = process.platform === "linux" ? test : test.skip; // The processes in a folder are read from /proc.

onLinux("the provider of a command that was killed is not used again, and the next command works", async () => {
  const { stack, child, ended, letGo } = await heldUp("killed");
  const before = processesIn(stack.folder);
  child.kill("SIGKILL");
  await ended;
  // The one that planned had ended its work.
  await waitUntil("the provider to be gone", 60, () => processesIn(stack.folder).length < before.length);
  expect(processesIn(stack.folder)).toHaveLength(before.length - 1);
  letGo();
  // As Terraform asks of anyone who finds the lock of a command that is gone.
  rmSync(join(stack.folder, ".terraform.tfstate.lock.info"), { force: true });
  expect(await changes(stack, options)).toContain("to add");
});

onLinux("a provider that dies fails its command at once, and the next one works", async () => {
  const { stack, ended, letGo, output } = await heldUp("dead");
  for (const pid of processesIn(stack.folder)) process.kill(pid, "SIGKILL");
  expect(await ended).toBe(1);
  expect(output()).toContain("Error: Plugin did not respond");
  letGo();
  await apply(stack, options);
  expect(await changes(stack, options)).toBeUndefined();
  await destroy(stack, options);
});

test("the schema is asked for once, and kept for who comes later", async () => {
  const cache = join(folder, "schemas-of-one-type");
  const stack = await stackOf("kept", 'resource "aws_sns_topic" "it" {}\n');
  const processes: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const one = startWarmProvider({ binary, env: aws.env, types: () => new Set(["aws_sns_topic"]), cache });
    try {
      const env = { ...process.env, ...aws.env, TF_REATTACH_PROVIDERS: await one.reattach(stack.folder) };
      const command = [`-chdir=${stack.folder}`, "providers", "schema", "-json"];
      const { stdout } = await run("terraform", command, { env, maxBuffer: 1 << 26 });
      const { provider_schemas: schemas } = JSON.parse(stdout);
      expect(Object.keys(schemas["registry.terraform.io/hashicorp/aws"].resource_schemas)).toEqual(["aws_sns_topic"]);
      processes.push(one.processes());
    } finally {
      await one.stop();
    }
  }
  // The second time the file was enough.
  expect(processes).toEqual([1, 0]);
  expect(readdirSync(cache)).toHaveLength(1);
});

onLinux("when it is stopped its processes are gone", async () => {
  const extra = startWarmProvider({
    binary,
    env: aws.env,
    types: () => namedTypes(ROOT),
    cache: join(folder, "schemas"),
  });
  const stack = await stackOf("gone", topicIn("eu-west-1"));
  await changes(stack, { ...options, provider: extra });
  expect(processesIn(stack.folder)).toHaveLength(1);
  await extra.stop();
  expect(processesIn(stack.folder)).toEqual([]);
  expect(extra.processes()).toBe(0);
});
