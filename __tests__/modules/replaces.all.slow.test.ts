/**
 * Every input of builder, rotation and worker, changed alone: what it replaces, as docs/modules.md says, and that nothing is left to do after
 * it. `UPDATE_PAGES=1` writes the page's table.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../lab/aws/server/start";
import { replaceSection } from "../../scripts/generate/section";
import { removeScratch, terraform } from "../scripts/emit/terraform-run";
import { EVERYTHING } from "./calls";
import { managedChanges, rootWithModules, startEmulatedAws } from "./emulated";

jest.setTimeout(3_600_000);

type Noun = "builder" | "rotation" | "worker";
type Arguments = Readonly<Record<string, unknown>>;

const NOUNS: readonly Noun[] = ["builder", "rotation", "worker"];
const BASE: Readonly<Record<Noun, Arguments>> = { builder: { images: ["redis:7"] }, rotation: {}, worker: {} };

/** Values that mean nothing alone, with what they go with. Of an input that stands for several attributes, one attribute at a time. */
const TOGETHER: Readonly<Record<string, Arguments>> = {
  architecture: { architecture: "arm64" },
  instance_type: { instance_type: "m7i.large" },
  image_id: { image_id: "ami-0123456789abcdef0" },
  associate_public_ip_address: { associate_public_ip_address: true, subnet_id: "${aws_subnet.own.id}" },
  subnet_id: { subnet_id: "${aws_subnet.own.id}" },
  security_group_ids: { security_group_ids: ["${aws_security_group.own.id}"] },
  "volume.type": { volume: { type: "io2", iops: 3000 } },
  "volume.throughput_mibps": { volume: { throughput_mibps: 250 } },
  "volume.iops": { volume: { iops: 4000 } },
  "build.expression": { build: { at: [], expression: "rate(1 day)" } },
  "build.replicate_at": { build: { replicate_at: "10:00" }, copy_to: [{ region: "us-east-1" }] },
  copy_retention_days: { copy_retention_days: 21 },
  "notifications.topic": { notifications: { topic: { arn: "${aws_sns_topic.own.arn}" } } },
  kms_key_arn: { kms_key_arn: "${aws_kms_key.own.arn}" },
  permissions_boundary_arn: { permissions_boundary_arn: "${aws_iam_policy.own.arn}" },
  policy_arns: { policy_arns: ["${aws_iam_policy.own.arn}"] },
};

/** Each input of a noun with a value that is not its default. */
function changesOf(noun: Noun): [string, Arguments][] {
  return Object.entries(EVERYTHING[noun] as Arguments).flatMap(([input, value]): [string, Arguments][] => {
    const isGroup =
      value !== null && typeof value === "object" && !Array.isArray(value) && !["tags", "pull_through"].includes(input);
    const paths: [string, Arguments][] = isGroup
      ? Object.entries(value).map(([key, one]) => [`${input}.${key}`, { [input]: { [key]: one } }])
      : [[input, { [input]: value }]];
    return paths.map(([path, alone]) => [path, TOGETHER[path] ?? alone]);
  });
}

const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" }],
});

function root(change: Readonly<Partial<Record<Noun, Arguments>>>): string {
  const calls = NOUNS.map((noun) => [
    noun,
    { source: `./modules/${noun}`, name: "ci", ...BASE[noun], ...change[noun] },
  ]);
  return JSON.stringify({
    provider: { aws: { region: "eu-west-1" } },
    resource: {
      aws_vpc: { own: { cidr_block: "10.0.0.0/16" } },
      aws_subnet: {
        own: { vpc_id: "${aws_vpc.own.id}", cidr_block: "10.0.0.0/24", availability_zone: "eu-west-1a" },
      },
      aws_security_group: { own: { vpc_id: "${aws_vpc.own.id}" } },
      aws_kms_key: { own: {} },
      aws_sns_topic: { own: {} },
      aws_iam_policy: { own: { policy: POLICY } },
    },
    module: Object.fromEntries(calls),
  });
}

let aws: EmulatedAws;
let folder: string;

beforeAll(async () => {
  aws = await startEmulatedAws();
  folder = rootWithModules(JSON.parse(root({})));
  await terraform(folder, ["init", "-input=false"], aws);
  await apply({});
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

function write(change: Readonly<Partial<Record<Noun, Arguments>>>): void {
  writeFileSync(join(folder, "main.tf.json"), root(change));
}

async function apply(change: Readonly<Partial<Record<Noun, Arguments>>>): Promise<void> {
  write(change);
  await terraform(folder, ["apply", "-input=false", "-auto-approve"], aws);
}

test("what an input replaces is what the page says; after it nothing is left to do", async () => {
  const rows: string[] = [];
  for (const noun of NOUNS)
    for (const [path, change] of changesOf(noun)) {
      if (path === "name" || Object.values(change).includes(null)) continue;
      write({ [noun]: change });
      const gone = (await managedChanges(folder, aws)).filter(
        ({ change: { actions } }) => actions.includes("create") && actions.includes("delete"),
      );
      const types = [...new Set(gone.map(({ address }) => address.split(".")[2]!.replace(/^aws_/, "")))].sort();
      if (types.length === 0) continue;
      rows.push(`| ${noun} | \`${path}\` | ${types.map((type) => `\`${type}\``).join(", ")} |`);
      await apply({ [noun]: change });
      expect([noun, path, await managedChanges(folder, aws)]).toEqual([noun, path, []]);
      await apply({});
    }
  const table = [
    "| module | input | replaces |",
    "|---|---|---|",
    "| all | `name` | everything: it is another cache |",
    ...rows,
  ].join("\n");
  const page = readFileSync("docs/modules.md", "utf8");
  const wanted = replaceSection("docs/modules.md", page, "replaces", table);
  if (process.env.UPDATE_PAGES === "1") writeFileSync("docs/modules.md", wanted);
  else expect(page).toBe(wanted);
});
