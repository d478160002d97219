import { findLeftovers, formatLeftover } from "../../cli/leftovers";
import { fakePorts } from "../../lab/fake/aws";
import { COPYING, HOUR, SETTINGS } from "../../lab/fake/example-state";
import type { FakeAws } from "../../lab/fake/region";
import {
  applyBuilderStack,
  applyRotationStack,
  build,
  destroyStacks,
  pointer,
  region,
  replicate,
  run,
} from "../../lab/fake/world";

const ARM = { ...SETTINGS, architecture: "arm64" as const };

/** Both architectures were built in one region and copied to another; `ml` lies there too. */
function setUp() {
  const here = region(SETTINGS);
  const there = region(COPYING, "us-east-1");
  for (const settings of [ARM, { ...SETTINGS, name: "ml" }]) {
    applyRotationStack(here, settings);
    applyBuilderStack(here, settings);
  }
  for (const settings of [SETTINGS, ARM]) {
    build(here, settings, "a");
    replicate(here, [there], settings);
  }
  const fakes = { "eu-west-1": here, "us-east-1": there };
  const portsOf = (name: string) => fakePorts(fakes[name as keyof typeof fakes]);
  const functions = new Set<string>();
  const hasFunction = async (...place: string[]) => functions.has(place.join(" "));
  const search = { caches: ["ci"], regions: Object.keys(fakes), portsOf, hasFunction };
  return {
    here,
    there,
    functions,
    find: (targets: Parameters<typeof findLeftovers>[0]) => findLeftovers(targets, search),
  };
}
const HERE = { region: "eu-west-1", settings: SETTINGS };
const ARM_HERE = { region: "eu-west-1", settings: ARM };
const [THERE, ARM_THERE] = [COPYING, { ...ARM, copyFrom: "eu-west-1" }].map((settings) => ({
  region: "us-east-1",
  settings,
}));
const THERES = [THERE!, ARM_THERE!];

test("where everything is deployed, nothing is left over; another cache's things are nobody's business", async () => {
  await expect(setUp().find([HERE, ARM_HERE, THERE!, ARM_THERE!])).resolves.toEqual([]);
});

test("a region that the file no longer has", async () => {
  const { there, find } = setUp();
  destroyStacks(there, COPYING);
  const found = await find([HERE, ARM_HERE]);
  expect(found.map(formatLeftover)).toEqual([
    "us-east-1 ci/arm64: left over: 1 snapshots, 0 volumes, 0 instances; docker-cache purge --region us-east-1 --cache ci --architecture arm64 --confirm=NAME",
    "us-east-1 ci/x86_64: left over: 1 snapshots, 0 volumes, 0 instances; docker-cache purge --region us-east-1 --cache ci --architecture x86_64 --confirm=NAME",
  ]);
});

test("an architecture that the file no longer has, beside one that it has; an instance that has ended is none", async () => {
  const { here, find } = setUp();
  destroyStacks(here, ARM);
  const left = { cache: "ci", architecture: "arm64", deployed: null, fastRestores: [], volumes: 0, instances: 0 };
  await expect(find([HERE, THERE!])).resolves.toEqual([
    { ...left, region: "eu-west-1", snapshots: 2 },
    { ...left, region: "us-east-1", snapshots: 1 },
  ]);
});

test("what does not say its architecture is left over only where the cache is not deployed at all", async () => {
  const { here, find } = setUp();
  for (const one of here.volumes.values())
    if (one.tags["docker-cache:name"] === "ci") one.tags = { "docker-cache:name": "ci" };
  await expect(find([HERE, ARM_HERE, THERE!, ARM_THERE!])).resolves.toEqual([]);
  for (const path of here.parameters.keys()) here.parameters.delete(path);
  const found = await find([THERE!, ARM_THERE!]);
  expect(found.map(formatLeftover)).toContain(
    "eu-west-1 ci: left over: 0 snapshots, 2 volumes, 0 instances; docker-cache purge --region eu-west-1 --cache ci --confirm=NAME",
  );
});

test("what another file has deployed is told as such, with what it serves and without a command", async () => {
  const { there, find } = setUp();
  there.now += HOUR;
  await run(there, COPYING);
  const [arm, x86] = await find([HERE, ARM_HERE]);
  const served = pointer(there, COPYING);
  expect(served).toMatch(/^snap-/);
  expect([x86?.deployed, arm?.deployed]).toEqual([{ serves: served }, null]);
  expect(formatLeftover(x86!)).toBe(
    `us-east-1 ci/x86_64: deployed there, not in this file: serves ${served}; 1 snapshots, 0 volumes, 0 instances`,
  );
});

test("a function without a pointer, or a pointer that names nothing, is deployed too", async () => {
  const { there, functions, find } = setUp();
  functions.add("us-east-1 ci arm64");
  const found = await find([HERE, ARM_HERE]);
  expect(found.map(formatLeftover)).toEqual([
    expect.stringContaining("not in this file: has a rotation function without a pointer; 1 snapshots"),
    expect.stringContaining("not in this file: serves no snapshot; 1 snapshots"),
  ]);
  for (const one of there.snapshots.values()) delete one.tags["docker-cache:architecture"];
  expect((await find([HERE, ARM_HERE])).map(formatLeftover)).toEqual([
    expect.stringMatching(/^us-east-1 ci: deployed there, not in this file/),
  ]);
});

test("fast restore that outlived its stacks comes first: it costs by the hour", async () => {
  const { here, there, find } = setUp();
  for (const fake of [here, there]) fake.parameters.clear();
  const idOf = (fake: FakeAws, architecture: string) =>
    [...fake.snapshots.values()].find((one) => one.tags["docker-cache:architecture"] === architecture)!.id;
  const [dear, kept] = [idOf(there, "x86_64"), idOf(here, "x86_64")];
  await fakePorts(here).enableFastRestore(kept, ["eu-west-1a"]);
  await fakePorts(there).enableFastRestore(dear, ["us-east-1a", "us-east-1b"]);
  const found = await find([HERE, ARM_HERE]);
  expect(found.map(formatLeftover)).toEqual([
    `us-east-1 ci/x86_64: left over: fast restore (costs by the hour) of ${dear} in us-east-1a, ${dear} in us-east-1b; 1 snapshots, 0 volumes, 0 instances; docker-cache purge --region us-east-1 --cache ci --architecture x86_64 --confirm=NAME`,
    expect.stringMatching(/^us-east-1 ci.arm64: left over: 1 snapshots/),
  ]);
  expect(found[0]?.fastRestores.map((one) => one.zone)).toEqual(["us-east-1a", "us-east-1b"]);
  expect((await find([ARM_HERE, ...THERES])).map((one) => one.fastRestores.map((restore) => restore.zone))).toEqual([
    ["eu-west-1a"],
  ]);
});
