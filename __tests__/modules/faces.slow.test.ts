/** One construct, two faces: a stack of literals and a module with equal inputs plan equal resources. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { EmulatedAws } from "../../lab/aws/server/start";
import { bundleFunctions } from "../../lambda-src/bundle";
import { resolveConfig } from "../../lib/config/resolve-config";
import { configSchema } from "../../lib/config/schema/schema";
import { addStacks } from "../../stacks/add-stacks";
import { App } from "../../stacks/terraform/cdktf";
import { planOf, removeScratch } from "../scripts/emit/terraform-run";
import { EVERYTHING, LEAST, MODULES, NOUNS } from "./calls";
import { rootWithModules, startEmulatedAws } from "./emulated";

jest.setTimeout(1_800_000);

type Resources = Record<string, unknown>;
type Noun = (typeof NOUNS)[number];

const folder = mkdtempSync(join(tmpdir(), "docker-cache-faces-"));
let aws: EmulatedAws;
let subnet: string;

beforeAll(async () => {
  aws = await startEmulatedAws();
  await bundleFunctions(join(folder, "code"));
  const ec2 = new EC2Client({
    region: "eu-west-1",
    endpoint: aws.endpointUrl,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  subnet = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets?.[0]?.SubnetId ?? "";
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
  rmSync(folder, { recursive: true, force: true });
});

/** Differences by design: names of what a stack has once for all its caches, and the zip, which the archive provider makes of a stack. A stack has a router, too. */
const BY_DESIGN = new Set([
  // A module shows all charts, whatever alarms there will be.
  "aws_cloudwatch_dashboard.rotation.dashboard_body",
  "aws_cloudwatch_dashboard.rotation.dashboard_name",
  "aws_lambda_function.rotation.filename",
  "aws_lambda_function.rotation.source_code_hash",
  "aws_sns_topic.alarms.name",
  "aws_sns_topic.alarms.tags",
]);

/**
 * Planned resources by their addresses without what tells the faces apart: the module, or cache and architecture; a count of one.
 * @param of `module.NAME.` for those of one module alone
 */
function resourcesOf(plan: Record<string, unknown>, cell: string, of = ""): Resources {
  const changes = plan.resource_changes as {
    address: string;
    mode: string;
    change: Record<"after" | "after_unknown", object>;
  }[];
  const managed = changes.filter(
    ({ address, mode }) => mode === "managed" && address.startsWith(of) && !/\.router$/.test(address),
  );
  return Object.fromEntries(
    managed.map(({ address, change }) => {
      const short = address
        .slice(of.length)
        .replace(`.${cell}_`, ".")
        .replace(/\[0\]$/, "");
      const kept = (values: object) =>
        Object.fromEntries(Object.entries(values).filter(([name]) => !BY_DESIGN.has(`${short}.${name}`)));
      return [short, { after: kept(change.after), unknown: kept(change.after_unknown) }];
    }),
  );
}

/** The stacks of the first region, planned. */
async function planStacks(config: unknown, cell: string): Promise<Record<Noun, Resources>> {
  const outdir = mkdtempSync(join(folder, "out-"));
  const app = new App({ outdir, stackTraces: false });
  addStacks(app, { deployment: resolveConfig(configSchema.parse(config)), codeFolder: join(folder, "code") });
  app.synth();
  const plan = async (noun: Noun) => {
    const stack = join(outdir, "stacks", `docker-cache-${noun}-eu-west-1`);
    return [noun, resourcesOf(await planOf(stack, aws), cell)] as const;
  };
  const planned = [];
  for (const noun of NOUNS) planned.push(await plan(noun));
  return Object.fromEntries(planned) as Record<Noun, Resources>;
}

type Module = Noun | "cache";
/** Resources of each noun's module, and of those that the module of a cache calls. */
type ByModule = Record<Noun | `cache ${Noun}`, Resources>;

/** Calls of all modules: as many plans at once, for each takes seconds before it begins. */
async function planModules(...calls: readonly Record<Module, object>[]): Promise<ByModule[]> {
  const named = calls.map((call, index) => MODULES.map((noun) => [`${noun}${index}`, noun, call[noun]] as const));
  const module = named.flat().map(([name, noun, inputs]) => [name, { source: `./modules/${noun}`, ...inputs }]);
  const root = { provider: { aws: { region: "eu-west-1" } }, module: Object.fromEntries(module) };
  const plan = await planOf(rootWithModules(root), aws);
  const resources = (name: string) => resourcesOf(plan, "", `module.${name}.`);
  return calls.map(
    (_, index) =>
      Object.fromEntries(
        NOUNS.flatMap((noun) => [
          [noun, resources(`${noun}${index}`)],
          [`cache ${noun}`, resources(`cache${index}.module.${noun}${noun === "rotation" ? "" : "[0]"}`)],
        ]),
      ) as ByModule,
  );
}

/** Those of the nouns' own modules. */
function own({ builder, rotation, worker }: ByModule): Record<Noun, Resources> {
  return { builder, rotation, worker };
}

let withLeast: ByModule;
let withEverything: ByModule;
beforeAll(async () => {
  const { builder, rotation, worker, cache } = EVERYTHING;
  // A stack has a router, which a module by itself does without.
  const wake = { wake: "router" };
  const least = {
    builder: { name: "ci", ...LEAST.builder },
    rotation: { name: "ci", ...LEAST.rotation, ...wake },
    worker: { name: "ci", ...LEAST.worker },
    cache: { name: "ci", ...LEAST.cache, rotation: wake },
  };
  // No stack takes a role of its user's for builders.
  const ours = { create_role: true, instance_profile_name: null, role_arn: null };
  const everything = {
    builder: { ...builder, ...ours, subnet_id: subnet },
    // Two builds a day, at 04:30 and 23:15: the configuration works out the longer gap.
    rotation: { ...rotation, copy_from: null, cadence_hours: 19 },
    worker: { ...worker, subnet_id: subnet },
    cache: {
      ...cache,
      builder: { ...cache.builder, ...ours, subnet_id: subnet },
      worker: { ...cache.worker, subnet_id: subnet },
    },
  };
  [withLeast, withEverything] = (await planModules(least, everything)) as [ByModule, ByModule];
});

test("with the least", async () => {
  const config = { regions: { "eu-west-1": {} }, caches: { ci: { images: ["python:3.12-slim"] } } };
  const stacks = await planStacks(config, "ci_x86_64");
  expect(own(withLeast)).toEqual(stacks);
  expect(Object.keys(withLeast.rotation).length).toBeGreaterThan(20);
});

const PLACE = "terraform_data.security_group_place";

test("with everything", async () => {
  const { builder, rotation, worker } = EVERYTHING;
  const machine = ({
    instance_type,
    image_id,
    root_device_name,
    root_volume_size_gib,
  }: typeof builder | typeof worker) => ({
    instance_type,
    image_id,
    root_device_name,
    root_volume_size_gib,
  });
  const network = ({ associate_public_ip_address, security_group_ids }: typeof builder | typeof worker) => ({
    subnet_id: subnet,
    associate_public_ip_address,
    security_group_ids: [...security_group_ids],
  });
  const { warmth, rate } = { warmth: "rate", rate: worker.initialization_rate_mibps };
  const config = {
    regions: {
      "eu-west-1": {
        kms_key_arn: builder.kms_key_arn,
        fast_restore_zones: rotation.fast_restore_zones,
        builder: network(builder),
        worker: network(worker),
        proxy: builder.proxy,
        notifications: { email: rotation.notifications.email },
      },
      "us-east-1": { copy_from: "eu-west-1", kms_key_arn: builder.copy_to[0].kms_key_arn },
      "eu-central-1": { copy_from: "eu-west-1", dlm_schedule: builder.copy_to[1].schedule },
    },
    tags: builder.tags,
    caches: {
      full: {
        images: builder.images.map((line) => {
          const [, reference, optional, whole, smoke] =
            /^(\S+)( optional)?( warm=whole)?(?: smoke=(.*))?$/.exec(line) ?? [];
          const warm = whole === undefined ? "start" : "whole";
          return { reference, optional: optional !== undefined, warm, smoke: smoke?.replaceAll("$${", "${") ?? null };
        }),
        architectures: { arm64: { builder: machine(builder), worker: machine(worker) } },
        image_store: builder.image_store,
        volume: builder.volume,
        build: builder.build,
        registries: builder.registries,
        pull_through: builder.pull_through,
        retention: { ...rotation.retention, copy_retention_days: builder.copy_retention_days },
        rotation: {
          reconcile_minutes: rotation.reconcile_minutes,
          alarms: rotation.alarms,
          reserved_concurrency: rotation.reserved_concurrency,
          copy_proof: rotation.copy_proof,
          max_engine: rotation.max_engine,
        },
        worker: {
          warmth,
          initialization_rate_mibps: rate,
          hydrate: worker.hydrate,
          hydrate_rate_mibps: worker.hydrate_rate_mibps,
          start: worker.start,
          timeout_seconds: worker.timeout_seconds,
          min_free_gib: worker.min_free_gib,
          volume: worker.volume,
          metadata_hop_limit: worker.metadata_hop_limit,
          instance_profile_name: worker.instance_profile_name,
          policy_arns: worker.policy_arns,
          script: worker.script.replaceAll("$${", "${").replaceAll("%%{", "%{"),
        },
        permissions_boundary_arn: builder.permissions_boundary_arn,
        role_path: builder.role_path,
        log_retention_days: builder.log_retention_days,
      },
    },
  };
  const stacks = await planStacks(config, "full_arm64");
  // The groups are the user's, which a module learns while planning: what would tell of ours stands there in any case.
  const module = Object.entries(own(withEverything)).map(([noun, { [PLACE]: _, ...rest }]) => [noun, rest]);
  expect(Object.fromEntries(module)).toEqual(stacks);
});

test("the module of a cache plans what the three plan that it calls", () => {
  for (const planned of [withLeast, withEverything])
    for (const noun of NOUNS) expect(planned[`cache ${noun}`]).toEqual(planned[noun]);
});

test("the comparison sees a difference", async () => {
  const root = (name: string) => ({
    provider: { aws: { region: "eu-west-1" } },
    module: { worker: { source: "./modules/worker", name } },
  });
  const [one, other] = [rootWithModules(root("one")), rootWithModules(root("two"))];
  const plans = [await planOf(one, aws), await planOf(other, aws)];
  expect(resourcesOf(plans[0]!, "")).not.toEqual(resourcesOf(plans[1]!, ""));
});
