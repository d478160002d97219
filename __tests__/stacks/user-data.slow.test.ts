/**
 * Terraform renders from the stacks' expressions, byte for byte, what the golden files hold and shellcheck reads. The repositories in ECR that a
 * builder may pull from are those that its list names. No provider and no AWS is needed: what only they would know is filled in.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { BuilderSettings, WorkerSettings } from "../../lib/config/cell";
import { PARAMETER_VALUE_MAXIMUM } from "../../lib/contract";
import {
  bundleScript,
  earlyPart,
  renderBuilder,
  renderLateWorker,
  renderSnippet,
  renderWorker,
  scriptPart,
  workerLines,
} from "../../lib/userdata/render";
import { filesOf } from "../../stacks/terraform/files";
import { createWorkerModule } from "../../stacks/worker/worker-module";
import { removeScratch, scratch, terraform } from "../scripts/emit/terraform-run";
import { builderSettings, cell, deployment, region, workerSettings } from "./fixture";
import { writeStacks } from "./synthesized";

jest.setTimeout(60_000);
afterAll(removeScratch);

const VOLUME = "vol-0123456789abcdef0";
const LOG_GROUP = "/docker-cache/ci/x86_64/builder";
const MANIFEST_LOG_GROUP = "/docker-cache/ci/x86_64/manifests";
const KNOWN: Readonly<Record<string, string>> = {
  "aws_ebs_volume.ci_x86_64_cache.id": VOLUME,
  "aws_cloudwatch_log_group.ci_x86_64_builder.name": LOG_GROUP,
  "aws_cloudwatch_log_group.ci_x86_64_manifests.name": MANIFEST_LOG_GROUP,
  "data.aws_partition.current.partition": "aws-cn",
  "data.aws_partition.current.dns_suffix": "amazonaws.com.cn",
};

/** An expression of a stack without references to anything outside of it. */
function filledIn(expression: string): string {
  return expression.replace(/\b(?:data\.)?aws_[a-z]\w*\.\w+\.\w+/g, (reference) => {
    if (KNOWN[reference] === undefined) throw new Error(`not known: ${reference}`);
    return JSON.stringify(KNOWN[reference]);
  });
}

/** Local values of a cell's stacks, as Terraform works them out. */
async function valuesOf(builder: Partial<BuilderSettings>, worker: Partial<WorkerSettings>) {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-user-data-"));
  const cells = [cell({ builder: builderSettings(builder), worker: workerSettings(worker) })];
  const stacks = join(writeStacks(folder, deployment({ regions: [region({ cells })] })), "stacks");
  const root = scratch({});
  const values: Record<string, string> = {};
  const output: Record<string, { value: string }> = {};
  for (const noun of ["builder", "worker"]) {
    const stack = join(stacks, `docker-cache-${noun}-eu-west-1`);
    cpSync(join(stack, "userdata"), join(root, "userdata"), { recursive: true });
    const { locals, resource } = JSON.parse(readFileSync(join(stack, "cdk.tf.json"), "utf8"));
    const ours = /_user_data|_ecr_repositories$|_script(?:_sha256)?$/;
    const own = Object.entries<string>(locals).filter(([name]) => ours.test(name));
    for (const [name, value] of own)
      values[`${noun}_${name}`] = filledIn(value).replaceAll("local.ci_", `local.${noun}_ci_`);
    output[noun] = { value: `\${local.${noun}_ci_x86_64_user_data}` };
    if (noun === "worker") continue;
    output.repositories = { value: "${local.builder_ci_x86_64_ecr_repositories}" };
    const parameters: string = resource.aws_ssm_parameter.ci_x86_64_script.for_each;
    output.script = { value: parameters.replaceAll("local.ci_", "local.builder_ci_") };
  }
  rmSync(folder, { recursive: true });
  cpSync(
    join(scratch({ "main.tf.json": JSON.stringify({ locals: values, output }) }), "main.tf.json"),
    join(root, "main.tf.json"),
  );
  await terraform(root, ["init", "-input=false"]);
  await terraform(root, ["apply", "-input=false", "-auto-approve"]);
  const outputs = JSON.parse(await terraform(root, ["output", "-json"]));
  const text = (name: string) => gunzipSync(Buffer.from(outputs[name].value, "base64")).toString();
  return {
    builder: text("builder"),
    worker: text("worker"),
    repositories: outputs.repositories.value as string[],
    script: outputs.script.value as Record<string, string>,
  };
}

/** What the worker's module gives of user data, as Terraform works it out; `template` is the launch template's. */
async function moduleGives(variables: Record<string, unknown>) {
  const module = createWorkerModule();
  const { variable, locals, output } = module.toTerraform() as Record<string, Record<string, unknown>>;
  const ofUserData = (values: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith("user_data") || name === "proxy"));
  const outputs = { ...ofUserData(output!), template: { value: "${local.user_data}" } };
  const root = scratch({
    "main.tf.json": JSON.stringify({ variable, locals: ofUserData(locals!), output: outputs }),
    "terraform.tfvars.json": JSON.stringify(variables),
  });
  for (const [path, content] of filesOf(module)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  await terraform(root, ["init", "-input=false"]);
  await terraform(root, ["apply", "-input=false", "-auto-approve"]);
  const given = JSON.parse(await terraform(root, ["output", "-json"]));
  return {
    template: gunzipSync(Buffer.from(given.template.value, "base64")).toString(),
    plain: Buffer.from(given.user_data.value, "base64").toString(),
    parts: given.user_data_parts.value as Record<"content_type" | "filename" | "content", string>[],
    snippet: given.user_data_snippet.value as string,
  };
}

const golden = (name: string) => readFileSync(join(__dirname, "../lib/userdata/golden", name), "utf8");

/** Returns the packed parts of the worker's user data, and its text without them: zlib's output differs between programs. */
function unpacked(text: string) {
  const packed = [...text.matchAll(/^export (\w+)='(H4sI[^']*)'$/gm)];
  const parts = packed.map(([, name, data]) => [name, gunzipSync(Buffer.from(data!, "base64")).toString()]);
  return { text: text.replace(/^(export \w+)='H4sI[^']*'$/gm, "$1='base64gzip'"), parts: Object.fromEntries(parts) };
}

const SCRIPT_SHA256 = createHash("sha256").update(bundleScript("build")).digest("hex");
/** Settings of the builder's second half. */
const SECOND_HALF = {
  SCRIPT_PARAMETER_PATH: `/docker-cache/ci/x86_64/script/${SCRIPT_SHA256.slice(0, 16)}`,
  SCRIPT_SHA256,
};
/** A golden of the builder, with the hash of the second half that there is now. */
const goldenBuilder = () =>
  golden("builder-user-data.txt").replace(
    /^(export (SCRIPT_\w+)=)'.*'$/gm,
    (_, head: string, name: keyof typeof SECOND_HALF) => {
      return `${head}'${Buffer.from(SECOND_HALF[name]).toString("base64")}'`;
    },
  );

const COMMON = { CACHE_NAME: "ci", CACHE_ARCHITECTURE: "x86_64" };
const proxy = { http: "http://proxy:3128", https: "http://me:'p$1\"@proxy:3129", no: ".internal,10.0.0.0/8" };
const PROXY = { HTTP_PROXY_URL: proxy.http, HTTPS_PROXY_URL: proxy.https, NO_PROXY_HOSTS: proxy.no };
/** All that Terraform, bash and base64 may take for something else. */
const SCRIPT = "#!/bin/bash\necho \"${HOME} %{if} $${x} \\n 'ümlaut' `id`\"\n";

test("with little set, it is the golden files", async () => {
  const { builder, worker, repositories, script } = await valuesOf({}, {});
  expect(builder).toBe(goldenBuilder());
  const { text, parts } = unpacked(worker);
  expect(text).toBe(golden("worker-user-data.mime"));
  expect(parts).toEqual({ WORKER_SCRIPT: golden("worker.sh") });
  expect(repositories).toEqual([]);
  const pieces = Object.keys(script).sort();
  expect(pieces).toEqual(pieces.map((_, index) => `${SCRIPT_SHA256.slice(0, 16)}/0${index}`));
  expect(pieces.every((part) => script[part]!.length <= PARAMETER_VALUE_MAXIMUM)).toBe(true);
  const packed = pieces.map((part) => script[part]).join("");
  expect(gunzipSync(Buffer.from(packed, "base64")).toString()).toBe(bundleScript("build"));
});

test("with everything set, it is what the goldens' renderer makes of the same settings; and ECR repositories are those of the list", async () => {
  const { network } = builderSettings();
  const registries = ["ghcr.io ci/ghcr", "registry.example:5000 ci/registry"].map((line) => {
    const [host, secretName] = line.split(" ");
    return { host: host!, secretName: secretName!, kmsKeyArn: null };
  });
  const images = [
    ...["111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/team/a:1", "python:3.12"],
    ...["222222222222.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn/b@sha256:1 optional smoke=true"],
    ...["333.dkr.ecr.cn-north-1.amazonaws.com.cn/c", "public.ecr.aws/docker/d"],
  ];
  const { builder, worker, repositories } = await valuesOf(
    {
      images,
      registries,
      pullThrough: { "docker.io": "hub", "ghcr.io": "gh" },
      store: "containerd",
      replicateAt: "03:00",
      network: { ...network, proxy },
      volume: { ...builderSettings().volume, fileSystem: "ext4" },
      parallelPulls: 8,
      hotSetPercent: 50,
    },
    {
      store: "containerd",
      hydrate: "all",
      hydrateRateMibps: 100,
      timeoutSeconds: 90,
      minFreeGib: 3,
      network: { ...network, proxy },
      script: SCRIPT,
    },
  );
  expect(builder).toBe(
    renderBuilder({
      ...COMMON,
      ...PROXY,
      IMAGE_STORE: "containerd",
      CACHE_VOLUME_ID: VOLUME,
      DEVICE_NAME: "/dev/sdf",
      FILE_SYSTEM: "ext4",
      WATCHDOG_MINUTES: "120",
      REPLICATE_AT: "03:00",
      ...SECOND_HALF,
      IMAGES_PARAMETER_PATH: "/docker-cache/ci/x86_64/images",
      REJECTED_PARAMETER: "/docker-cache/ci/x86_64/rejected",
      LOG_GROUP,
      MANIFEST_LOG_GROUP,
      REGISTRY_LOGINS: "ghcr.io ci/ghcr\nregistry.example:5000 ci/registry",
      PULL_THROUGH: "docker.io hub\nghcr.io gh",
      PARALLEL_PULLS: "8",
      HOT_SET_PERCENT: "50",
    }),
  );
  const expected = renderWorker({
    ...COMMON,
    ...PROXY,
    IMAGE_STORE: "containerd",
    TIMEOUT_SECONDS: "90",
    MIN_FREE_GIB: "3",
    HYDRATE: "all",
    HYDRATE_RATE_MIBPS: "100",
    USER_SCRIPT: SCRIPT,
  });
  expect(unpacked(worker)).toEqual(unpacked(expected));
  expect(unpacked(worker).parts.USER_SCRIPT).toBe(SCRIPT);
  expect(repositories).toEqual([
    "arn:aws-cn:ecr:cn-north-1:111111111111:repository/team/a",
    "arn:aws-cn:ecr:cn-northwest-1:222222222222:repository/b",
  ]);
});

test("a stack whose workers start late has the plain script in its template", async () => {
  const { worker } = await valuesOf({}, { start: "late" });
  expect(unpacked(worker).text).toBe(golden("worker-late.sh"));
});

test.each([
  ["early", null],
  ["early", SCRIPT],
  ["late", null],
  ["late", SCRIPT],
] as const)(
  "the module gives every form as the goldens' renderer does (start %s, script %j)",
  async (start, script) => {
    const asked = { name: "ci", timeout_seconds: 60, min_free_gib: 5, hydrate: "hot", hydrate_rate_mibps: 80 };
    const { template, plain, parts, snippet } = await moduleGives({ ...asked, start, script });
    const values = {
      ...COMMON,
      IMAGE_STORE: "overlay2",
      TIMEOUT_SECONDS: "60",
      MIN_FREE_GIB: "5",
      HYDRATE: "hot",
      HYDRATE_RATE_MIBPS: "80",
      USER_SCRIPT: script ?? "",
    };
    const render = start === "late" ? renderLateWorker : renderWorker;
    expect(unpacked(template)).toEqual(unpacked(render(values)));
    expect(unpacked(plain)).toEqual(unpacked(renderLateWorker(values)));
    expect(unpacked(snippet)).toEqual(unpacked(renderSnippet(values)));
    const lines = workerLines(values);
    const expected = [earlyPart(lines), ...(script === null ? [] : [scriptPart(lines)])];
    expect(parts.map(({ content, ...part }) => ({ ...part, ...unpacked(content) }))).toEqual(
      expected.map(({ contentType, filename, content }) => ({
        content_type: contentType,
        filename,
        ...unpacked(content),
      })),
    );
  },
);
