/** Vectors that the configuration and the user data read too, answered by the emitted HCL: the gate of replication, lines of images, hosts of ECR, times between builds. */

import { cadenceHours } from "../../lib/config/resolve/cadence";
import { imageLine, imageReferenceProblem, normalizeImageReference } from "../../lib/image-reference";
import { createModules } from "../../scripts/emit/modules";
import ecrHosts from "../fixtures/ecr-hosts.json";
import imageReferences from "../fixtures/image-references.json";
import gateVectors from "../fixtures/replication-gate.json";
import { configOf } from "../lib/config/sample";
import { planOf, removeScratch, scratch } from "../scripts/emit/terraform-run";

jest.setTimeout(600_000);

afterAll(removeScratch);

interface Module {
  readonly locals: Readonly<Record<string, unknown>>;
  readonly variable: Readonly<Record<string, { readonly validation: readonly { readonly condition: string }[] }>>;
  readonly output: Readonly<Record<string, { readonly precondition?: readonly { readonly condition: string }[] }>>;
}

const LOCALS = [
  "build_minutes",
  "default_replicate_at",
  "longest_build_minutes",
  "minutes_to_replication",
  "replicate_at",
  "replicate_minute",
];
/** Minutes from the launch to the builder's look at the gate, and of retries: what {@link LOCALS} add to the watchdog's. */
const BOOT_AND_RETRY = 11;

/** The condition of a list that names something. */
function conditionOn(name: string, conditions: readonly { readonly condition: string }[]): string {
  const found = conditions.filter(({ condition }) => condition.includes(name));
  if (found.length !== 1) throw new Error(`${found.length} conditions name ${name}`);
  return found[0]!.condition;
}

/** Returns a module's answer to each case: one call of it a case. */
async function answers(module: object, cases: readonly object[]): Promise<unknown[]> {
  const root = {
    locals: { cases },
    module: {
      one: {
        for_each: "${{ for index, given in local.cases : index => given }}",
        source: "./one",
        given: "${each.value}",
      },
    },
    output: { answers: { value: "${[for index, given in local.cases : module.one[index].answer]}" } },
  };
  const folder = scratch({ "main.tf.json": JSON.stringify(root), "one/main.tf.json": JSON.stringify(module) });
  const plan = (await planOf(folder)) as { planned_values: { outputs: { answers: { value: unknown[] } } } };
  return plan.planned_values.outputs.answers.value;
}

/** An expression of the builder's module, with its variables taken from what a case gives. */
function ofCase<T>(given: T): T {
  return JSON.parse(JSON.stringify(given).replaceAll("var.", "var.given.")) as T;
}

let builder: Module;
let cache: Module;
beforeAll(async () => {
  const modules = await createModules();
  const of = (name: string) => modules[name]!.toTerraform() as unknown as Module;
  builder = of("builder");
  cache = of("cache");
});

test("the gate of replication", async () => {
  const conditions = Object.values(builder.output).flatMap(({ precondition = [] }) => precondition);
  const module = {
    variable: { given: {} },
    locals: {
      ...ofCase(Object.fromEntries(LOCALS.map((name) => [name, builder.locals[name]]))),
      build: "${var.given.build}",
      copy_to: "${var.given.copy_to}",
    },
    output: { answer: { value: ofCase(conditionOn("minutes_to_replication", conditions)) } },
  };
  const cases = gateVectors.map(({ start, replicateAt, longest }) => ({
    copy_to: ["somewhere"],
    build: {
      at: [start],
      time_zone: "UTC",
      replicate_at: replicateAt,
      launch_retry_minutes: 1,
      watchdog_minutes: longest - BOOT_AND_RETRY,
    },
  }));
  expect(await answers(module, cases)).toEqual(gateVectors.map(({ open }) => open));
});

test("lines of images", async () => {
  const condition = conditionOn("smoke=", builder.variable.images!.validation);
  const module = { variable: { given: {} }, output: { answer: { value: ofCase(condition) } } };
  const lines = [...imageReferences.lines.map(({ line }) => line), ...imageReferences.refusedLines];
  const accepted = await answers(
    module,
    lines.map((line) => ({ images: [line] })),
  );
  expect(lines.filter((_, index) => accepted[index])).toEqual(imageReferences.lines.map(({ line }) => line));
  expect(accepted.filter((one) => one === false)).toHaveLength(imageReferences.refusedLines.length);
});

/** One for each part of a reference that can be wrong, and such as look like another part. */
const REFUSED = [
  ...[
    "",
    "A",
    "a:",
    "a@",
    "a:b:c",
    "a b",
    "a//b",
    "/a",
    "a/",
    "-a",
    "a.",
    "a..b",
    "a___b",
    "ghcr.io/",
    "ghcr.io/A/b",
    "Foo/Bar",
  ],
  ...["a_b.c/d", "localhost/", "[::1/a", "a:.x", `a:${"x".repeat(129)}`, "a@sha256:abc", "a@md5:abc", "a".repeat(64)],
  ...[`a/${"b".repeat(256)}`, "b".repeat(250), "a\nb", "a@b@c", "host:port/a"],
];
const IMAGE_LOCALS = ["references", "parts", "domains", "paths", "problems"].map((name) => `image_${name}`);

test("references of images: the grammar, and what is the same image", async () => {
  const names = [...IMAGE_LOCALS, "full_image_references"];
  const module = {
    variable: { given: {} },
    locals: ofCase(Object.fromEntries(names.map((name) => [name, builder.locals[name]]))),
    output: { answer: { value: ["${local.image_problems[0]}", "${local.full_image_references[0]}"] } },
  };
  const texts = [...imageReferences.references.map(({ text }) => text), ...REFUSED];
  const found = await answers(
    module,
    texts.map((reference) => ({ images: [{ reference: reference.replaceAll("${", "$${") }] })),
  );
  const expected = texts.map((text) => {
    const problem = imageReferenceProblem(text);
    return problem === undefined ? [null, normalizeImageReference(text)] : [problem, expect.anything()];
  });
  expect(found).toEqual(expected);
});

test("images as objects become the lines of the configuration", async () => {
  const module = {
    variable: { given: {} },
    output: { answer: { value: ofCase(builder.locals.image_lines) } },
  };
  const entries = [
    {},
    { optional: true },
    { warm: "whole" },
    { smoke: "a b" },
    { optional: true, warm: "whole", smoke: "c" },
  ];
  const images = ["python:3.12 optional", ...entries.map((entry) => ({ reference: "redis:7", ...entry }))];
  const lines = configOf({ images: images.slice(1) }).caches.ci!.images.map(imageLine);
  expect(await answers(module, [{ images }])).toEqual([[images[0], ...lines]]);
});

test("hosts of ECR: the policy grants the repositories of those that the builder logs in to", async () => {
  const expression = (builder.locals.ecr_repositories as string)
    .replaceAll("local.dns_suffix", "var.given.dns_suffix")
    .replaceAll("local.partition", "var.given.partition");
  const module = {
    variable: { given: {} },
    output: { answer: { value: expression.replaceAll("local.image_lines", "var.given.images") } },
  };
  const cases = ecrHosts.map(({ host, dnsSuffix }) => ({
    dns_suffix: dnsSuffix,
    partition: "p",
    images: [`${host}/team/a:1 optional`],
  }));
  const arns = ecrHosts.map(({ account, region }) =>
    account ? [`arn:p:ecr:${region}:${account}:repository/team/a`] : [],
  );
  expect(await answers(module, cases)).toEqual(arns);
});

test("times between builds: the module of a cache works out what the configuration does", async () => {
  const { build_hours: hours, ...others } = cache.locals;
  const { build_minutes, build_gaps, build_rate } = others;
  const module = {
    variable: { given: {} },
    locals: { build_minutes, build_gaps, build_rate, build: "${var.given.build}" },
    output: { answer: { value: hours } },
  };
  const times = [
    ["02:00"],
    ["02:00", "14:00"],
    ["20:00", "02:00", "08:00"],
    ["02:00", "02:30"],
    ["23:59", "00:00"],
    [],
  ];
  const rates = ["1 day", "12 hours", "1 hour", "90 minutes", "60 minutes", "10 minutes", "7 days"];
  const builds = [
    ...times.map((at) => ({ at, expression: null })),
    ...rates.map((rate) => ({ at: [], expression: `rate(${rate})` })),
  ];
  const expected = builds.map((build) => cadenceHours({ ...configOf({}).caches.ci!.build, ...build }));
  const crons = [{ at: [], expression: "cron(0 3 ? * MON *)" }];
  const cases = [...builds, ...crons].map((build) => ({ build }));
  expect(await answers(module, cases)).toEqual([...expected, null]);
});
