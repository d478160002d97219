/** The parts that a module makes or leaves to its user: nothing is replaced as the switches come, and what the same run creates takes their place. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { removeScratch, terraform } from "../../scripts/emit/terraform-run";
import { ASSUMED_BY_EC2 } from "../calls";
import { managedChanges, rootWithModules, startEmulatedAws } from "../emulated";

jest.setTimeout(1_800_000);

let aws: EmulatedAws;
beforeAll(async () => {
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

const provider = (region: string) => ({ aws: { region } });
const apply = (folder: string) => terraform(folder, ["apply", "-input=false", "-auto-approve"], aws);

/** Files with parts that had no count before there were switches. */
const COUNTED = ["builder/iam.tf", "worker/launch_template.tf"];

test("states from before the switches move to them, and nothing else happens", async () => {
  const folder = rootWithModules({
    provider: provider("eu-west-1"),
    module: {
      builder: { source: "./modules/builder", name: "ci", images: ["redis:7"] },
      worker: { source: "./modules/worker", name: "ci" },
    },
  });
  const files = COUNTED.map((file) => join(folder, "modules", file));
  const now = files.map((file) => [file, readFileSync(file, "utf8")] as const);
  for (const [file, text] of now) {
    const before = text.replace(/^ {2}count = var\.create_\w+ \? .*\n/gm, "");
    expect(before).not.toBe(text);
    writeFileSync(file, before);
  }
  await terraform(folder, ["init", "-input=false"], aws);
  await apply(folder);
  const addresses = async () => (await terraform(folder, ["state", "list"], aws)).trim().split("\n");
  expect(await addresses()).toEqual(
    expect.arrayContaining(["module.builder.aws_iam_role.builder", "module.worker.aws_launch_template.worker"]),
  );
  for (const [file, text] of now) writeFileSync(file, text);
  expect(await managedChanges(folder, aws)).toEqual([]);
  await apply(folder);
  expect(await addresses()).toEqual(
    expect.arrayContaining(["module.builder.aws_iam_role.builder[0]", "module.worker.aws_launch_template.worker[0]"]),
  );
});

/** All ids and ARNs are of the same run; names of profiles are AWS's, so nothing of them is known while planning. */
const OWN = {
  aws_iam_role: { own: { name: "own", assume_role_policy: ASSUMED_BY_EC2 } },
  aws_iam_role_policy: { own: { role: "${aws_iam_role.own.id}", policy: "${module.builder.role_policy_json}" } },
  aws_iam_instance_profile: { own: { name_prefix: "own-", role: "${aws_iam_role.own.name}" } },
  aws_vpc: { own: { cidr_block: "10.0.0.0/16" } },
  aws_security_group: { own: { vpc_id: "${aws_vpc.own.id}" } },
  // As a list of another module's is: even its length is unknown.
  terraform_data: { groups: { input: ["${aws_security_group.own.id}"] } },
};

const GROUPS = { create_security_group: false, security_group_ids: "${terraform_data.groups.output}" };
const PROFILE = { create_role: false, instance_profile_name: "${aws_iam_instance_profile.own.name}" };

test("what the same run creates takes their place, unknown as it is while planning", async () => {
  const folder = rootWithModules({
    provider: provider("eu-central-1"),
    resource: OWN,
    module: {
      builder: {
        ...{ source: "./modules/builder", name: "ci", images: ["redis:7"] },
        ...GROUPS,
        ...PROFILE,
        role_arn: "${aws_iam_role.own.arn}",
      },
      worker: { source: "./modules/worker", name: "ci", ...GROUPS, ...PROFILE },
      bare: { source: "./modules/worker", name: "bare", create_role: false, create_security_group: false },
      outputs: {
        ...{ source: "./modules/worker", name: "outputs", create_launch_template: false },
        ...{ create_role: false, create_security_group: false },
      },
    },
  });
  await terraform(folder, ["init", "-input=false"], aws);
  await apply(folder);
  expect(await managedChanges(folder, aws)).toEqual([]);
  const { values } = JSON.parse(await terraform(folder, ["show", "-json"], aws));
  const resources = (values.root_module.child_modules as { resources?: { mode: string; address: string }[] }[])
    .flatMap(({ resources = [] }) => resources)
    .filter(({ mode, address }) => mode === "managed" && /aws_(iam|security|launch)/.test(address))
    .map(({ address }) => address);
  expect(resources.sort()).toEqual([
    "module.bare.aws_launch_template.worker[0]",
    "module.builder.aws_iam_role.scheduler",
    "module.builder.aws_iam_role_policy.scheduler",
    "module.builder.aws_launch_template.builder",
    "module.worker.aws_launch_template.worker[0]",
  ]);
  const passed = await terraform(folder, ["state", "show", "module.builder.aws_iam_role_policy.scheduler"], aws);
  expect(passed).toMatch(/role\/own"/);
});
