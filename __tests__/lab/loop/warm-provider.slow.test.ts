/** Terraform with the provider that is kept warm plans, applies and reads what it does with one that it starts itself. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmulatedAws, startEmulatedAws } from "../../../lab/aws/start";
import { namedTypes } from "../../../lab/loop/provider-schema";
import {
  apply,
  automated,
  changes,
  destroy,
  init,
  outputs,
  type SynthesizedStack,
  type TerraformOptions,
} from "../../../lab/loop/terraform";
import { startWarmProvider, type WarmProvider } from "../../../lab/loop/warm-provider";

jest.setTimeout(300_000);

const root = join(__dirname, "../../..");
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
  const types = namedTypes(root);
  provider = startWarmProvider({ binary, env: aws.env, types, cache: join(folder, "schemas") });
  const pluginCache = join(root, ".cache/terraform-plugins");
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

test("after a command that was killed the next ones work", async () => {
  const stack = await stackOf("killed", topicIn("eu-west-1"));
  const env = { ...process.env, ...aws.env, ...(await automated(stack.folder, ["apply"], provider)) };
  const child = spawn("terraform", [`-chdir=${stack.folder}`, "apply", "-auto-approve", "-lock=false"], { env });
  await new Promise<void>((resolve) => child.stdout.on("data", (text) => /Creating/.test(String(text)) && resolve()));
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("close", resolve));
  expect(await changes(stack, options)).toContain("to add");
});

test("the schema is kept, and asked for once", async () => {
  const again = startWarmProvider({
    binary,
    env: aws.env,
    types: new Set(["aws_sns_topic"]),
    cache: join(folder, "schemas"),
  });
  const stack = await stackOf("kept", 'resource "aws_sns_topic" "it" {}\n');
  try {
    const env = { ...process.env, ...aws.env, TF_REATTACH_PROVIDERS: await again.reattach(stack.folder) };
    const child = spawn("terraform", [`-chdir=${stack.folder}`, "providers", "schema", "-json"], { env });
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    await new Promise((resolve) => child.once("close", resolve));
    const { provider_schemas: schemas } = JSON.parse(text);
    expect(Object.keys(schemas["registry.terraform.io/hashicorp/aws"].resource_schemas)).toEqual(["aws_sns_topic"]);
    // The file was enough: no process was started.
    expect(again.processes()).toBe(0);
  } finally {
    await again.stop();
  }
});

test("when it is stopped its processes are gone", async () => {
  const extra = startWarmProvider({ binary, env: aws.env, types: namedTypes(root), cache: join(folder, "schemas") });
  const stack = await stackOf("gone", topicIn("eu-west-1"));
  await changes(stack, { ...options, provider: extra });
  expect(extra.processes()).toBeGreaterThan(0);
  const processes = () => readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").split(" ").length;
  const before = process.platform === "linux" ? processes() : 1;
  await extra.stop();
  expect(extra.processes()).toBe(0);
  if (process.platform === "linux") expect(processes()).toBeLessThan(before);
});
