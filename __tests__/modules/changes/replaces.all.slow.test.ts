/**
 * Every input of builder, rotation and worker, changed alone: what it replaces, as docs/modules.md says, and that nothing is left to do after
 * what makes, replaces or destroys something. `UPDATE_PAGES=1` writes the page's table.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { replaceSection } from "../../../scripts/generate/section";
import { removeScratch, terraform } from "../../scripts/emit/terraform-run";
import { EVERYTHING, POLICY } from "../calls";
import { managedChanges, rootWithModules, startEmulatedAws } from "../emulated";

jest.setTimeout(600_000);

type Noun = "builder" | "rotation" | "worker";
type Arguments = Readonly<Record<string, unknown>>;

const NOUNS: readonly Noun[] = ["builder", "rotation", "worker"];
const BASE: Readonly<Record<Noun, Arguments>> = { builder: { images: ["redis:7"] }, rotation: {}, worker: {} };

const OWN_ROLE = {
  create_role: false,
  instance_profile_name: "mine",
  role_arn: "arn:aws:iam::123456789012:role/mine",
};

/**
 * Values that mean nothing alone, with what they go with; of an input that stands for several attributes, one attribute at a time. The noun's name stands
 * before what one noun alone wants so.
 */
const TOGETHER: Readonly<Record<string, Arguments>> = {
  architecture: { architecture: "arm64" },
  instance_type: { instance_type: "m7i.large" },
  image_id: { image_id: "ami-0123456789abcdef0" },
  associate_public_ip_address: { associate_public_ip_address: true, subnet_id: "${aws_subnet.own[local.zone].id}" },
  subnet_id: { subnet_id: "${aws_subnet.own[local.zone].id}" },
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
  create_launch_template: { create_launch_template: false },
  create_security_group: { create_security_group: false, security_group_ids: ["${aws_security_group.own.id}"] },
  "builder create_role": OWN_ROLE,
  "builder instance_profile_name": OWN_ROLE,
  "builder role_arn": OWN_ROLE,
  policy_arns: { policy_arns: ["${aws_iam_policy.own.arn}"] },
};

/** Refused unless `volume.generation` is raised with it: late.all.slow.test.ts beside. */
const REFUSED = "builder kms_key_arn";

/** True of a change to what is the default anyway. */
function isNothing(change: Arguments): boolean {
  return Object.values(change).some((value) => value === null || (Array.isArray(value) && value.length === 0));
}

/** Each input of a noun with a value that is not its default. */
function changesOf(noun: Noun): [string, Arguments][] {
  return Object.entries(EVERYTHING[noun] as Arguments).flatMap(([input, value]): [string, Arguments][] => {
    const isGroup =
      value !== null && typeof value === "object" && !Array.isArray(value) && !["tags", "pull_through"].includes(input);
    const paths: [string, Arguments][] = isGroup
      ? Object.entries(value).map(([key, one]) => [`${input}.${key}`, { [input]: { [key]: one } }])
      : [[input, { [input]: value }]];
    // An address and a topic exclude each other.
    if (input === "notifications") paths.push(["notifications.topic", {}]);
    return paths
      .map(([path, alone]): [string, Arguments] => [path, TOGETHER[`${noun} ${path}`] ?? TOGETHER[path] ?? alone])
      .filter(([path, change]) => path !== "name" && `${noun} ${path}` !== REFUSED && !isNothing(change));
  });
}

/** Regions that the emulated AWS knows, one a noun, so that they need not wait for each other. */
const REGIONS: Readonly<Record<Noun, string>> = { builder: "eu-west-2", rotation: "eu-west-1", worker: "us-west-2" };

/** @param zone of the subnet that a change names, which must be the volume's */
function rootOf(noun: Noun, change: Arguments, zone = "a"): Record<string, unknown> {
  return {
    locals: { zone },
    provider: { aws: { region: REGIONS[noun] } },
    resource: {
      aws_vpc: { own: { cidr_block: "10.0.0.0/16" } },
      aws_subnet: {
        own: {
          for_each: { a: 1, b: 2, c: 3 },
          vpc_id: "${aws_vpc.own.id}",
          cidr_block: "10.0.${each.value}.0/24",
          availability_zone: `${REGIONS[noun]}\${each.key}`,
        },
      },
      aws_security_group: { own: { vpc_id: "${aws_vpc.own.id}" } },
      aws_kms_key: { own: {} },
      aws_sns_topic: { own: {} },
      aws_iam_policy: { own: { name: `own-${noun}`, policy: POLICY } },
    },
    module: { [noun]: { source: `./modules/${noun}`, name: "ci", ...BASE[noun], ...change } },
  };
}

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

/** Rows of the page's table. */
const rows: string[] = [];

describe.each(NOUNS)("%s", (noun) => {
  let folder: string;
  let zone: string;

  function write(change: Arguments): void {
    writeFileSync(join(folder, "main.tf.json"), JSON.stringify(rootOf(noun, change, zone)));
  }

  async function apply(change: Arguments): Promise<void> {
    write(change);
    await terraform(folder, ["apply", "-input=false", "-auto-approve"], aws);
  }

  beforeAll(async () => {
    folder = rootWithModules(rootOf(noun, {}));
    await terraform(folder, ["init", "-input=false"], aws);
    await apply({});
    zone = noun === "builder" ? await zoneOf("module.builder.aws_ebs_volume.cache") : "a";
  });

  /** Last letter of the zone that a resource is in. */
  async function zoneOf(address: string): Promise<string> {
    const shown = await terraform(folder, ["state", "show", address], aws);
    return /availability_zone\s+= ".*([a-c])"/.exec(shown)![1]!;
  }

  test.each(changesOf(noun))(
    "%s: if more than updates follow, nothing is left to do after them",
    async (path, change) => {
      write(change);
      const changes = await managedChanges(folder, aws);
      const gone = changes.filter(
        ({ change: { actions } }) => actions.includes("create") && actions.includes("delete"),
      );
      // What Terraform only remembers is nothing to a reader.
      const types = [...new Set(gone.map(({ address }) => address.split(".")[2]!))]
        .filter((type) => type.startsWith("aws_"))
        .map((type) => type.replace(/^aws_/, ""))
        .sort();
      // Of two inputs, nobody knows which one replaces.
      if (types.length > 0 && Object.keys(change).length === 1)
        rows.push(`| ${noun} | \`${path}\` | ${types.map((type) => `\`${type}\``).join(", ")} |`);
      // What only changes in place is not applied: that settles by the provider's own word, and there is much of it.
      if (changes.every(({ change: { actions } }) => actions.join() === "update")) return;
      await apply(change);
      expect(await managedChanges(folder, aws)).toEqual([]);
      await apply({});
    },
  );
});

test("the page says what each input replaces", () => {
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
