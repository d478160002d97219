/** What a change of the user's own, in our inputs or around them, replaces: what it names, and nothing else. */
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { removeScratch, terraform } from "../../scripts/emit/terraform-run";
import { type ManagedChange, managedChanges, rootWithModules, startEmulatedAws } from "../emulated";

jest.setTimeout(1_800_000);

let aws: EmulatedAws;
let folder: string;
/** What has been changed and applied so far. */
const applied: Record<string, unknown> = {};

const NOUNS = ["builder", "rotation", "worker"] as const;
const VARIABLES = {
  tag: "a",
  dns: true,
  role_path: "/",
  cache: "ci",
  subnet: 0,
  size: 100,
  generation: 1,
};

/** The three modules wait for a resource of the user's, in subnets of the same run, with tags of the provider's. */
function root(): Record<string, unknown> {
  const common = { name: "${var.cache}", role_path: "${var.role_path}", depends_on: ["terraform_data.first"] };
  const network = { subnet_id: "${aws_subnet.own[var.subnet].id}" };
  const volume = { size_gib: "${var.size}", generation: "${var.generation}" };
  const own: Record<(typeof NOUNS)[number], object> = {
    builder: { images: ["redis:7"], volume, ...network },
    rotation: {},
    worker: network,
  };
  return {
    variable: Object.fromEntries(Object.entries(VARIABLES).map(([name, standard]) => [name, { default: standard }])),
    provider: { aws: { region: "eu-west-1", default_tags: [{ tags: { owner: "${var.tag}" } }] } },
    resource: {
      terraform_data: { first: { input: "${var.tag}" } },
      aws_vpc: { own: { cidr_block: "10.0.0.0/16", enable_dns_hostnames: "${var.dns}" } },
      aws_subnet: {
        own: {
          count: 3,
          vpc_id: "${aws_vpc.own.id}",
          cidr_block: "10.0.${count.index}.0/24",
          availability_zone: '${count.index == 2 ? "eu-west-1b" : "eu-west-1a"}',
        },
      },
    },
    module: {
      ...Object.fromEntries(NOUNS.map((noun) => [noun, { source: `./modules/${noun}`, ...common, ...own[noun] }])),
      // In the default VPC.
      builder_default: { source: "./modules/builder", ...common, name: "default", images: ["redis:7"] },
      worker_default: { source: "./modules/worker", ...common, name: "default" },
    },
  };
}

beforeAll(async () => {
  aws = await startEmulatedAws();
  folder = rootWithModules(root());
  await terraform(folder, ["init", "-input=false"], aws);
  await terraform(folder, ["apply", "-input=false", "-auto-approve"], aws);
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

function withVariables(change: Readonly<Record<string, unknown>>): string[] {
  return Object.entries({ ...applied, ...change }).map(([name, value]) => `-var=${name}=${value}`);
}

function planned(change: Readonly<Record<string, unknown>> = {}): Promise<ManagedChange[]> {
  return managedChanges(folder, aws, withVariables(change));
}

/** Addresses of what goes, for good or for another. */
async function replaced(change: Readonly<Record<string, unknown>>): Promise<string[]> {
  return (await planned(change))
    .filter(({ change: { actions } }) => actions.includes("delete"))
    .map((one) => one.address);
}

/** Applies a change, after which nothing is left to do. */
async function settle(change: Readonly<Record<string, unknown>>): Promise<void> {
  Object.assign(applied, change);
  await terraform(folder, ["apply", "-input=false", "-auto-approve", ...withVariables({})], aws);
  expect(await planned()).toEqual([]);
}

const VOLUME = "module.builder.aws_ebs_volume.cache";

test("modules that wait for something plan, and settle", async () => {
  expect(await planned()).toEqual([]);
});

test.each([
  ["a setting of the VPC", { dns: false }],
  ["the provider's default tags, and what the modules wait for", { tag: "b" }],
])("%s: nothing is replaced", async (_, change) => {
  expect((await planned(change)).length).toBeGreaterThan(0);
  expect(await replaced(change)).toEqual([]);
  await settle(change);
});

test("another path of roles takes their policies along", async () => {
  const gone = await replaced({ role_path: "/ci/" });
  expect(gone).toContain("module.builder.aws_iam_role.builder[0]");
  expect(gone.filter((address) => !address.includes(".aws_iam_"))).toEqual([]);
  await settle({ role_path: "/ci/" });
});

test("another subnet: a group of another name, no volume", async () => {
  expect(await replaced({ subnet: 1 })).toEqual([
    "module.builder.aws_security_group.builder[0]",
    "module.worker.aws_security_group.worker[0]",
  ]);
  await settle({ subnet: 1 });
});

test("another zone is refused while planning; another generation is the way there", async () => {
  await expect(planned({ subnet: 2 })).rejects.toThrow(
    /is in zone eu-west-1a, and subnet\s+subnet-\w+ is in eu-west-1b: take a subnet in eu-west-1a, or\s+raise generation/,
  );
  await settle({ subnet: 2, generation: 2 });
  const state = JSON.parse(await terraform(folder, ["show", "-json"], aws));
  const modules = state.values.root_module.child_modules as {
    resources: { address: string; values: { availability_zone?: string } }[];
  }[];
  const volume = modules.flatMap(({ resources }) => resources).find(({ address }) => address === VOLUME);
  expect(volume?.values.availability_zone).toBe("eu-west-1b");
});

test("a volume grows, and to shrink it is refused while planning", async () => {
  await settle({ size: 200 });
  await expect(planned({ size: 150 })).rejects.toThrow(/has 200 GiB, and a volume never\s+shrinks/);
  // With the volume, Terraform forgets the key that it was made with.
  expect(await replaced({ size: 150, generation: 3 })).toEqual([VOLUME, "module.builder.terraform_data.volume_key"]);
});

test("another name is another cache: its volume is new", async () => {
  expect(await replaced({ cache: "other" })).toContain(VOLUME);
});

test("an imported volume is not replaced, whatever else the state has lost", async () => {
  const shown = await terraform(folder, ["state", "show", VOLUME], aws);
  const id = /^\s+id\s+= "(vol-\w+)"$/m.exec(shown)![1]!;
  await terraform(folder, ["state", "rm", VOLUME, "module.builder.terraform_data.generation"], aws);
  await terraform(folder, ["import", "-input=false", ...withVariables({}), VOLUME, id], aws);
  expect((await planned()).map(({ address, change: { actions } }) => [address, actions])).toEqual([
    ["module.builder.terraform_data.generation", ["create"]],
  ]);
});
