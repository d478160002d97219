/** Pull-through in two regions as its stacks make it, made in an emulated AWS by calls: the command line meets the stacks through rules, templates and tags alone. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AskRegistry } from "../../../cli/pull-through/registry-http";
import { type EmulatedAws, startEmulatedAws } from "../../../lab/aws/server/start";
import { TAG } from "../../../lib/contract";
import { READY_CONFIRMATION } from "../ready-confirmation";

// jest transforms TypeScript itself.
jest.mock("tsx/cjs", () => ({}));
// No name of AWS leads anywhere: the registry is asked where the emulated AWS answers for it.
jest.mock("../../../cli/pull-through/registry-http", () => ({
  askRegistry: (...asked: Parameters<AskRegistry>) => ask(...asked),
}));
const { main } = require("../../../cli/program.cjs") as { main(argv: readonly string[]): Promise<void> };

export const HERE = "eu-west-1";
export const THERE = "us-east-1";
const SECRET = "ecr-pullthroughcache/docker-hub";
/** The section that the file has, unless a test says otherwise. */
export const SECTION = { rules: { "docker-hub": { upstream: "docker.io", secret_name: SECRET } } };

/** Output and effects of a command. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Calls that changed something, or would have. */
  readonly changes: readonly string[];
}

export interface World {
  readonly aws: EmulatedAws;
  /** The command line, in this process. */
  cli(...argv: string[]): Promise<Ended>;
  /** Writes the configuration file; null: there is none. */
  configure(configuration: object | null): void;
  /** A call of ECR's API. */
  ecr<Output>(region: string, action: string, input: object): Promise<Output>;
  /** Makes rule and template of a prefix in a region, and its secret. */
  deploy(region: string, prefix: string, upstreamUrl: string): Promise<void>;
  /** Removes them: the repositories stay. */
  destroy(region: string, prefix: string): Promise<void>;
  /** Makes a repository, with the tags that a template gives it, and so many images; if there are several, with an index of them. */
  pull(region: string, name: string, prefix: string, images?: number): Promise<void>;
  repository(region: string, name: string, tags?: Record<string, string>): Promise<void>;
  names(region: string): Promise<string[]>;
  stop(): Promise<void>;
}

const READS = /^(Describe|Get|Head|List|Validate|AssumeRole)/;
let endpoint = "";

/** Asks the emulated AWS by the registry's name. */
const ask: AskRegistry = (url, authorization) => {
  const { host, pathname } = new URL(url);
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: pathname, headers: { host, authorization } }, (answer) => {
      let body = "";
      answer.on("data", (chunk) => {
        body += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on("error", reject).end();
  });
};

/** An image of one layer of a million bytes; its number makes it another. */
function manifest(number: number): string {
  const digest = `sha256:${number.toString(16).padStart(64, "0")}`;
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest, size: 1_000_000 };
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 10 };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config,
    layers: [layer],
  });
}

/** An index of images by their numbers, on which AWS puts the size of the largest. */
function index(numbers: readonly number[]): string {
  const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
  const manifests = numbers.map((number) => ({ digest: digestOf(manifest(number)) }));
  return JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests });
}

const tagList = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export async function openWorld(): Promise<World> {
  const aws = await startEmulatedAws();
  endpoint = aws.endpointUrl;
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-pull-through-"));
  const file = join(folder, "docker-cache.yaml");
  const former = { ...process.env };
  for (const [name, value] of Object.entries({ ...aws.env, DOCKER_CACHE_CONFIG: file })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  let changes: string[] = [];
  aws.hooks.on("Request", ({ action }) => {
    if (!READS.test(action)) changes.push(action);
  });
  const call = <Output>(service: string, region: string, action: string, input: object) =>
    aws.aws.call<Output>({ service, action, region }, input);
  const ecr: World["ecr"] = (region, action, input) => call("ecr", region, action, input);

  async function deploy(region: string, prefix: string, upstreamRegistryUrl: string): Promise<void> {
    const secret = { Name: SECRET, SecretString: JSON.stringify({ username: "acme", accessToken: "x" }) };
    const withLogin = upstreamRegistryUrl === "registry-1.docker.io";
    const { ARN } = withLogin
      ? await call<{ ARN: string }>("secretsmanager", region, "CreateSecret", secret)
      : { ARN: undefined };
    const rule = { ecrRepositoryPrefix: prefix, upstreamRegistryUrl, credentialArn: ARN };
    await ecr(region, "CreatePullThroughCacheRule", rule);
    const appliedFor = ["PULL_THROUGH_CACHE"];
    await ecr(region, "CreateRepositoryCreationTemplate", { prefix, appliedFor, imageTagMutability: "MUTABLE" });
  }

  async function repository(region: string, repositoryName: string, tags: Record<string, string> = {}) {
    await ecr(region, "CreateRepository", { repositoryName, tags: tagList(tags) });
  }

  return {
    aws,
    ecr,
    deploy,
    repository,
    configure(configuration) {
      rmSync(file, { force: true });
      if (configuration !== null) writeFileSync(file, JSON.stringify(configuration));
    },
    async destroy(region, prefix) {
      await ecr(region, "DeletePullThroughCacheRule", { ecrRepositoryPrefix: prefix });
      await ecr(region, "DeleteRepositoryCreationTemplate", { prefix });
    },
    async pull(region, repositoryName, prefix, images = 1) {
      await repository(region, repositoryName, { [TAG.companion]: "pull-through", [TAG.name]: prefix });
      for (let number = 1; number <= images; number++)
        await ecr(region, "PutImage", { repositoryName, imageManifest: manifest(number), imageTag: `${number}` });
      if (images < 2) return;
      const imageManifest = index(Array.from({ length: images }, (_, number) => number + 1));
      await ecr(region, "PutImage", { repositoryName, imageManifest, imageTag: "index" });
    },
    async names(region) {
      type Output = { repositories: { repositoryName: string }[] };
      const { repositories } = await ecr<Output>(region, "DescribeRepositories", { maxResults: 1000 });
      return repositories.map(({ repositoryName }) => repositoryName).sort();
    },
    async cli(...argv) {
      changes = [];
      const said = { stdout: "", stderr: "" };
      const spies = (["stdout", "stderr"] as const).map((name) =>
        jest.spyOn(process[name], "write").mockImplementation((text) => {
          said[name] += String(text);
          return true;
        }),
      );
      try {
        process.exitCode = undefined;
        await main([process.execPath, "docker-cache", ...argv]);
        expect(said.stdout + said.stderr).not.toMatch(READY_CONFIRMATION);
        return { status: Number(process.exitCode ?? 0), ...said, changes };
      } finally {
        process.exitCode = undefined;
        for (const spy of spies) spy.mockRestore();
      }
    },
    async stop() {
      process.env = former;
      await aws.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
