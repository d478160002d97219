/**
 * A root as people have it: three caches for two architectures in two regions, which wait for something, in subnets of the same run, under tags of the
 * provider's. The archive provider, if anything used it, would write in place. Planned in one folder, applied in another; then the surroundings change.
 */
import { join } from "node:path";
import type { EmulatedAws } from "../../lab/aws/server/start";
import { removeScratch, terraform } from "../scripts/emit/terraform-run";
import { managedChanges, rootWithModules, startEmulatedAws } from "./emulated";

jest.setTimeout(3_600_000);

const REGIONS = { here: "eu-west-1", there: "us-east-1" } as const;
const CACHES = {
  ci: { images: ["python:3.12-slim"], build: { at: ["04:00"] } },
  ml: { images: [{ reference: "redis:7", optional: true }], volume: { size_gib: 200 } },
  web: { images: ["node:22", "nginx:1.27"], retention: { keep_last: 4 } },
};
const ARCHITECTURES = ["x86_64", "arm64"];

/** Each cache for each architecture, e.g. `ci-arm64`. */
const CELLS = Object.fromEntries(
  Object.entries(CACHES).flatMap(([name, cache]) =>
    ARCHITECTURES.map((architecture) => [`${name}-${architecture}`, { name, architecture, ...cache }]),
  ),
);

const each = (attribute: string) => `\${lookup(each.value, "${attribute}", null)}`;

function call(place: keyof typeof REGIONS): Record<string, unknown> {
  const network = { subnet_id: `\${aws_subnet.${place}.id}` };
  return {
    source: "./modules/cache",
    for_each: "${local.cells}",
    providers: { aws: `aws.${place}` },
    depends_on: ["terraform_data.first"],
    name: "${each.value.name}",
    architecture: "${each.value.architecture}",
    worker: network,
    ...(place === "here"
      ? {
          ...Object.fromEntries(["images", "build", "volume", "retention"].map((name) => [name, each(name)])),
          builder: network,
          copy_to: [{ region: REGIONS.there }],
        }
      : { copy_from: REGIONS.here }),
  };
}

function root(): Record<string, unknown> {
  const places = Object.entries(REGIONS);
  const both = (body: (place: string) => object) => Object.fromEntries(places.map(([place]) => [place, body(place)]));
  return {
    variable: { tag: { default: "a" }, dns: { default: true } },
    provider: {
      aws: places.map(([alias, region]) => ({ alias, region, default_tags: [{ tags: { owner: "${var.tag}" } }] })),
    },
    locals: { cells: CELLS },
    resource: {
      terraform_data: { first: { input: "${var.tag}" } },
      aws_vpc: both((place) => ({
        provider: `aws.${place}`,
        cidr_block: "10.0.0.0/16",
        enable_dns_hostnames: "${var.dns}",
      })),
      aws_subnet: both((place) => ({
        provider: `aws.${place}`,
        vpc_id: `\${aws_vpc.${place}.id}`,
        cidr_block: "10.0.0.0/24",
        availability_zone: `${REGIONS[place as keyof typeof REGIONS]}a`,
      })),
    },
    module: { cache_here: call("here"), cache_there: call("there") },
  };
}

let aws: EmulatedAws;
beforeAll(async () => {
  process.env.ARCHIVE_IN_PLACE = "1";
  aws = await startEmulatedAws();
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
});

const planned = (folder: string, ...options: string[]) => managedChanges(folder, aws, options);

test("it is applied from another folder, settles, and nothing is replaced when its surroundings change", async () => {
  const [here, there] = [rootWithModules(root()), rootWithModules(root())];
  for (const folder of [here, there]) await terraform(folder, ["init", "-input=false"], aws);
  const plan = join(here, "plan");
  await terraform(here, ["plan", "-input=false", `-out=${plan}`], aws);
  await terraform(there, ["apply", "-input=false", plan], aws);
  expect(await planned(there)).toEqual([]);
  const changed = ["-var=tag=b", "-var=dns=false"];
  const touched = await planned(there, ...changed);
  expect(touched.length).toBeGreaterThan(100);
  expect(touched.filter(({ change: { actions } }) => actions.includes("delete")).map(({ address }) => address)).toEqual(
    [],
  );
  await terraform(there, ["apply", "-input=false", "-auto-approve", ...changed], aws);
  expect(await planned(there, ...changed)).toEqual([]);
});
