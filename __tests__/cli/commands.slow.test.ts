/** R19: every command against the emulated AWS: what it prints, what it changes, and that `--dry-run` changes nothing. */
import { createHash } from "node:crypto";
import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
} from "@aws-sdk/client-ec2";
import { TAG } from "../../lib/contract";
import { type CachedRegions, type Ended, HERE, openCachedRegions, THERE } from "./cached-regions";

jest.setTimeout(600_000);

let regions: CachedRegions;
beforeAll(async () => {
  regions = await openCachedRegions();
});
afterAll(() => regions?.stop());

interface Document {
  readonly version: number;
  readonly command: string;
  readonly targets: readonly {
    region: string;
    promoted: string;
    actions: readonly { kind: string; outcome: string }[];
    problems: readonly string[];
  }[];
}

/** The one JSON document on stdout; messages are on stderr. */
function documentOf({ stdout, stderr }: Ended): Document {
  try {
    return JSON.parse(stdout) as Document;
  } catch {
    throw new Error(`no JSON document: ${stdout}${stderr}`);
  }
}

/** The actions by region, without what became of them: the plan. Dates for deletion run from the moment of planning, so they differ. */
const planOf = ({ targets }: Document) =>
  targets.map(({ region, promoted, actions }) => [
    region,
    promoted,
    actions.map((action) => ({
      ...action,
      outcome: undefined,
      ...("deleteAfter" in action && { deleteAfter: "later" }),
    })),
  ]);
const outcomesOf = ({ targets }: Document) => [
  ...new Set(targets.flatMap(({ actions }) => actions.map(({ outcome }) => outcome))),
];
const kindsOf = ({ targets }: Document) => targets.map(({ actions }) => actions.map(({ kind }) => kind));

/**
 * Runs a command with `--dry-run`, then for real. The first makes no call that changes anything and leaves everything as it was. The second does
 * exactly what the first printed.
 */
async function dryThenReal(...argv: string[]): Promise<Document> {
  const before = await regions.everything();
  const dry = await regions.cli(...argv, "--dry-run", "--json");
  expect([dry.status, dry.changes]).toEqual([0, []]);
  expect(await regions.everything()).toBe(before);
  const said = documentOf(dry);
  expect(outcomesOf(said)).toEqual(said.targets.some(({ actions }) => actions.length > 0) ? ["planned"] : []);
  const real = await regions.cli(...argv, "--json");
  const did = documentOf(real);
  expect([real.status, planOf(did)]).toEqual([0, planOf(said)]);
  expect(outcomesOf(did).filter((outcome) => outcome !== "done")).toEqual([]);
  return did;
}

async function expectServed(region: string, id: string): Promise<void> {
  const named = id === "none" ? undefined : id;
  const { pointer, latest, fallback } = await regions.served(region);
  expect([pointer, latest, fallback]).toEqual([id, named, named]);
}

const tagsOf = async (id: string) => {
  const { Snapshots } = await regions.ec2(HERE).send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
  return Object.fromEntries(Snapshots![0]!.Tags!.map(({ Key, Value }) => [Key, Value]));
};

// In the order of a cache's life: each step starts where the one before ended.
let first: string;
let second: string;
let third: string;
let copies: string[];

test("status before the first build: nothing promoted, nothing wrong, nothing left over", async () => {
  const { status, stdout, changes } = await regions.cli("status");
  expect([status, changes]).toEqual([0, []]);
  expect(stdout).toMatch(/^eu-west-1 ci\/x86_64: none\n/);
  expect(stdout).toMatch(/^us-east-1 ci\/x86_64: none$/m);
  expect(stdout).not.toMatch(/left over|problem|note/);
});

test("rotate promotes in every region, as --dry-run said; another finds nothing to do", async () => {
  first = await regions.build("first");
  copies = [await regions.copy(first)];
  const did = await dryThenReal("rotate");
  expect(kindsOf(did)).toEqual([
    ["write-pointer", "write-template"],
    ["write-pointer", "write-template"],
  ]);
  await expectServed(HERE, first);
  await expectServed(THERE, copies[0] ?? "");
  const again = await regions.cli("rotate");
  expect([again.status, again.changes]).toEqual([0, []]);
  expect(again.stdout.match(/nothing to do/g)).toHaveLength(2);
});

test("rotate --region keeps to it; a launch template's user data is not printed", async () => {
  second = await regions.build("second");
  copies.push(await regions.copy(second));
  const did = await dryThenReal("rotate", "--region", HERE);
  expect(did.targets.map(({ region }) => region)).toEqual([HERE]);
  expect(JSON.stringify(did)).not.toContain("BlockDeviceMappings");
  await expectServed(HERE, second);
  await expectServed(THERE, copies[0] ?? "");
  await dryThenReal("rotate", "--region", THERE);
  await expectServed(THERE, copies[1] ?? "");
});

test("status --images lists what is promoted by the manifest of the building region, and says if there is none or another", async () => {
  const images = [
    { reference: "python:3.12-slim", digest: `sha256:${"a".repeat(64)}`, id: "x", size: 123_400_000, optional: false },
  ];
  const manifest = JSON.stringify({ version: 2, images });
  const sha256 = createHash("sha256").update(manifest).digest("hex");
  const { pointer: here } = await regions.served(HERE);
  const { pointer: there } = await regions.served(THERE);
  for (const [region, id] of [
    [HERE, here],
    [THERE, there],
  ] as const)
    await regions
      .ec2(region)
      .send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: TAG.manifest, Value: sha256 }] }));
  const without = await regions.cli("status", "--images");
  expect(without.status).toBe(1);
  expect(without.stdout).toContain(
    `images of ${here}: no manifest is published as ${sha256} in /docker-cache/ci/x86_64/manifests of ${HERE}`,
  );
  const logs = regions.logs(HERE);
  const group = { logGroupName: "/docker-cache/ci/x86_64/manifests" };
  await logs.send(new CreateLogGroupCommand(group));
  const publish = async (logStreamName: string, message: string) => {
    await logs.send(new CreateLogStreamCommand({ ...group, logStreamName }));
    await logs.send(
      new PutLogEventsCommand({ ...group, logStreamName, logEvents: [{ timestamp: Date.now(), message }] }),
    );
  };
  await publish(sha256, manifest);
  const listed = await regions.cli("status", "--images");
  expect([listed.status, listed.changes]).toEqual([0, []]);
  expect(listed.stdout.match(/python:3\.12-slim sha256:a{64} 123 MB/g)).toHaveLength(2);
  const document = JSON.parse((await regions.cli("status", "--images", "--json")).stdout);
  expect(document.targets.map((one: { images: unknown }) => one.images)).toEqual([images, images]);
  const other = "b".repeat(64);
  await publish(other, manifest);
  await regions
    .ec2(HERE)
    .send(new CreateTagsCommand({ Resources: [here], Tags: [{ Key: TAG.manifest, Value: other }] }));
  expect((await regions.cli("status", "--images", "--region", HERE)).stdout).toContain("it was changed");
});

test("promote goes back to a snapshot, in the other region to its content, and pins both; status says so", async () => {
  await dryThenReal("promote", first);
  await expectServed(HERE, first);
  await expectServed(THERE, copies[0] ?? "");
  expect((await tagsOf(first))[TAG.pin]).toBe("promoted");
  third = await regions.build("third");
  expect(kindsOf(await dryThenReal("rotate", "--region", HERE))).toEqual([[]]);
  const { stdout } = await regions.cli("status", "--region", HERE);
  expect(stdout).toMatch(new RegExp(`^eu-west-1 ci/x86_64: ${first} \\(pinned\\)`));
  expect(stdout).toMatch(/3 healthy of 3 snapshots/);
  await regions.ec2(HERE).send(new CreateTagsCommand({ Resources: [second], Tags: [{ Key: TAG.pin, Value: "x" }] }));
  const pinned = [first, second].sort();
  expect((await regions.cli("status", "--region", HERE)).stdout).toContain(`  pinned: ${pinned.join(", ")}\n`);
  const said = JSON.parse((await regions.cli("status", "--json")).stdout);
  expect(said.targets).toMatchObject([{ pinned }, { pinned: [copies[0]] }]);
  await regions.ec2(HERE).send(new DeleteTagsCommand({ Resources: [second], Tags: [{ Key: TAG.pin }] }));
});

test("a snapshot that is nowhere, or not healthy, is not promoted", async () => {
  const nowhere = await regions.cli("promote", "snap-0123456789abcdef0");
  expect([nowhere.status, nowhere.changes]).toEqual([1, []]);
  expect(nowhere.stderr).toMatch(/was not found among the snapshots of eu-west-1 ci\/x86_64, us-east-1 ci\/x86_64/);
  const tag = (Value: string) =>
    regions.ec2(HERE).send(new CreateTagsCommand({ Resources: [second], Tags: [{ Key: TAG.state, Value }] }));
  await tag("building");
  const unready = await regions.cli("promote", second);
  expect([unready.status, unready.changes]).toEqual([1, []]);
  expect(unready.stderr).toMatch(/is not healthy/);
  await tag("ready");
});

test("unpin lets rotation go on", async () => {
  expect(kindsOf(await dryThenReal("unpin"))).toEqual([["unpin"], ["unpin"]]);
  expect((await tagsOf(first))[TAG.pin]).toBeUndefined();
  await dryThenReal("rotate");
  await expectServed(HERE, third);
  await expectServed(THERE, copies[1] ?? "");
});

test("unpin takes a pin off a snapshot that is not promoted; of one that is nowhere it says so", async () => {
  const Tags = [{ Key: TAG.pin, Value: "mine" }];
  await regions.ec2(HERE).send(new CreateTagsCommand({ Resources: [second], Tags }));
  const did = await dryThenReal("unpin", second);
  expect(did.targets.map(({ region, promoted }) => [region, promoted])).toEqual([[HERE, third]]);
  expect((await tagsOf(second))[TAG.pin]).toBeUndefined();
  const nowhere = await regions.cli("unpin", "snap-0123456789abcdef0");
  expect([nowhere.status, nowhere.changes]).toEqual([1, []]);
  expect((await regions.cli("unpin", "second")).status).toBe(2);
});

test("rollback refuses and lists if the regions serve different contents, until it is said which to leave", async () => {
  const before = await regions.everything();
  const refused = await regions.cli("rollback");
  expect([refused.status, refused.changes, refused.stdout]).toEqual([1, [], ""]);
  expect(refused.stderr).toContain("say which to leave, --from CONTENT, or --region REGION");
  const contentOf = async (id: string) => (await tagsOf(id))[TAG.content] ?? "";
  expect(refused.stderr).toContain(`eu-west-1 ci/x86_64: ${third}, content ${await contentOf(third)}`);
  expect(refused.stderr).toContain(`us-east-1 ci/x86_64: ${copies[1]}, content ${await contentOf(second)}`);
  const unknown = await regions.cli("rollback", "--from", "nothing-like-it");
  expect([unknown.status, unknown.changes]).toEqual([1, []]);
  expect(await regions.everything()).toBe(before);
});

test("rollback --from leaves it in all regions, also if it has not arrived yet; rotate leaves it at that", async () => {
  const did = await dryThenReal("rollback", "--from", third);
  expect(did.targets.map(({ region, promoted }) => [region, promoted])).toEqual([
    [HERE, first],
    [THERE, copies[1]],
  ]);
  const content = (await tagsOf(third))[TAG.content] ?? "";
  expect((await tagsOf(third))[TAG.state]).toBe("rejected");
  for (const region of [HERE, THERE]) expect((await regions.served(region)).rejected).toBe(content);
  await regions.copy(third);
  await dryThenReal("rotate");
  await expectServed(HERE, first);
  await expectServed(THERE, copies[1] ?? "");
});

test("rollback in one region alone", async () => {
  await dryThenReal("rollback", "--region", THERE);
  await expectServed(HERE, first);
  await expectServed(THERE, copies[0] ?? "");
});

test("rollback said again changes nothing, and says how to go further back", async () => {
  const before = await regions.everything();
  const again = await regions.cli("rollback");
  expect([again.status, again.changes]).toEqual([0, []]);
  const content = (await tagsOf(first))[TAG.content] ?? "";
  expect(again.stdout).toContain(
    `to go further back: docker-cache rollback --cache ci --architecture x86_64 --from ${content}`,
  );
  expect(await regions.everything()).toBe(before);
});

test("a region with nothing to go back to is left as it is, the others go on; --to-none goes there", async () => {
  const left = await regions.served(THERE);
  const partly = await regions.cli("rollback", "--from", first);
  expect(partly.status).toBe(1);
  const content = (await tagsOf(first))[TAG.content] ?? "";
  expect(partly.stdout).toContain(`left as it is, serving ${copies[0]}: no other healthy snapshot`);
  expect(partly.stdout).toContain(
    `docker-cache rollback --cache ci --architecture x86_64 --region us-east-1 --from ${content} --to-none`,
  );
  expect(partly.stderr).toContain("left as they are, with nothing to go back to: us-east-1 ci/x86_64");
  await expectServed(HERE, second);
  expect(await regions.served(THERE)).toEqual(left);
  await dryThenReal("rollback", "--region", THERE, "--from", content, "--to-none");
  await expectServed(THERE, "none");
  await dryThenReal("rotate");
  await expectServed(THERE, "none");
});

test("a rollback that cannot write what is rejected moves nothing, in no region of the cache", async () => {
  await dryThenReal("promote", first);
  const before = await Promise.all([HERE, THERE].map((region) => regions.served(region)));
  const stop = regions.aws.hooks.on("Request", ({ region, action, input }) => {
    if (region === HERE && action === "PutParameter" && String(input.Name).endsWith("rejected"))
      throw new Error("out of order");
  });
  const half = await regions.cli("rollback", "--cache", "ci", "--to-none");
  stop();
  expect(half.status).toBe(1);
  expect(half.stdout.match(/not complete; this completes it/g)).toHaveLength(2);
  const after = await Promise.all([HERE, THERE].map((region) => regions.served(region)));
  expect(after.map(({ pointer, latest }) => [pointer, latest])).toEqual(
    before.map(({ pointer, latest }) => [pointer, latest]),
  );
  await dryThenReal("promote", first);
});

test("a region that cannot be read is left as it is, and the others go on", async () => {
  const stop = regions.aws.hooks.on("Request", ({ region, service }) => {
    if (region === THERE && service === "ssm") throw new Error("this region is out of order");
  });
  const { status, stdout } = await regions.cli("rollback", "--cache", "ci", "--dry-run");
  stop();
  expect(status).toBe(1);
  expect(stdout).toContain("us-east-1 ci/x86_64: promoted unknown");
  expect(stdout).toContain("left as it is, since it cannot be read");
  expect(stdout).toContain(`would point to ${second}`);
});

test("a rollback that fails half-way says what to do next, and the same again completes it", async () => {
  await dryThenReal("promote", first);
  const stop = regions.aws.hooks.on("Request", ({ region, action }) => {
    if (region === HERE && action === "CreateLaunchTemplateVersion") throw new Error("out of order");
  });
  const half = await regions.cli("rollback", "--region", HERE);
  stop();
  const content = (await tagsOf(first))[TAG.content] ?? "";
  expect(half.status).toBe(1);
  const again = ["rollback", "--cache", "ci", "--architecture", "x86_64", "--region", HERE, "--from", content];
  expect(half.stdout).toContain(`not complete; this completes it: docker-cache ${again.join(" ")}`);
  expect((await regions.served(HERE)).pointer).toBe(second);
  expect((await regions.cli(...again)).status).toBe(0);
  await expectServed(HERE, second);
});

test("status names a region that the file does not have, with what is left there and how to remove it", async () => {
  await regions.ec2("us-west-2").send(
    new CreateVolumeCommand({
      AvailabilityZone: "us-west-2a",
      Size: 1,
      TagSpecifications: [{ ResourceType: "volume", Tags: [{ Key: TAG.name, Value: "ci" }] }],
    }),
  );
  const { status, stdout } = await regions.cli("status");
  expect(status).toBe(0);
  expect(stdout).toContain(
    "us-west-2 ci: left over: 0 snapshots, 1 volumes, 0 instances; docker-cache purge --region us-west-2 --cache ci --confirm=NAME",
  );
  const said = JSON.parse((await regions.cli("status", "--json", "--region", HERE, "--architecture", "x86_64")).stdout);
  expect(said.targets).toMatchObject([{ region: HERE, pointer: second }]);
  expect(said.leftovers).toEqual([
    {
      region: "us-west-2",
      cache: "ci",
      architecture: null,
      deployed: null,
      fastRestores: [],
      snapshots: 0,
      volumes: 1,
      instances: 0,
    },
  ]);
});

test("status of a cache by name that is deployed nowhere tells what it left, or that there is nothing", async () => {
  await regions.ec2("us-west-2").send(
    new CreateVolumeCommand({
      AvailabilityZone: "us-west-2a",
      Size: 1,
      TagSpecifications: [{ ResourceType: "volume", Tags: [{ Key: TAG.name, Value: "former" }] }],
    }),
  );
  const found = await regions.cli("status", "--name", "former", "--region", HERE);
  expect([found.status, found.stdout]).toEqual([0, expect.stringMatching(/^us-west-2 former: left over: .*1 volumes/)]);
  const nothing = await regions.cli("status", "--name", "never", "--region", HERE);
  expect([nothing.status, nothing.stdout]).toEqual([2, ""]);
  expect(nothing.stderr).toContain("no rotation function of a cache never");
});

test("build starts one builder from its template, however often it is asked within a minute, and says how it ended", async () => {
  const dry = await regions.cli("build", "--dry-run");
  expect([dry.status, dry.changes, dry.stdout]).toEqual([
    0,
    [],
    "eu-west-1 ci/x86_64: would run an instance of docker-cache-ci-x86_64-builder\n",
  ]);
  const running = async () => {
    const { Reservations = [] } = await regions.ec2(HERE).send(new DescribeInstancesCommand({}));
    return Reservations.flatMap((one) => one.Instances ?? []).map((one) => one.InstanceId ?? "");
  };
  const waiting = regions.cli("build", "--wait");
  while ((await running()).length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  const [id = ""] = await running();
  const Tags = [{ Key: TAG.outcome, Value: "failed" }];
  await regions.ec2(HERE).send(new CreateTagsCommand({ Resources: [id], Tags }));
  const { status, stdout } = await waiting;
  expect([status, stdout]).toEqual([1, `eu-west-1 ci/x86_64: ${id}, failed\n`]);
});

test("a region that cannot be read does not keep the others from being told", async () => {
  const stop = regions.aws.hooks.on("Request", ({ region, service }) => {
    if (region === THERE && service === "ssm") throw new Error("this region is out of order");
  });
  const rotate = await regions.cli("rotate", "--dry-run", "--json");
  expect(rotate.status).toBe(1);
  expect(documentOf(rotate).targets).toMatchObject([
    { region: HERE, promoted: second, problems: [] },
    { region: THERE, promoted: "unknown", problems: [expect.any(String)] },
  ]);
  stop();
});

test("purge of what is deployed and not in the file asks for the name twice, and says what workers get there", async () => {
  const before = await regions.everything();
  const refused = await regions.cli("purge", "--name", "ci", "--region", HERE, "--confirm=ci");
  expect([refused.status, refused.changes]).toEqual([2, []]);
  const fact = `eu-west-1 ci/x86_64 is deployed and serves ${second}, and --name reads no configuration file`;
  expect(refused.stderr).toContain(`nothing was done: ${fact}`);
  expect(refused.stderr).toContain("say --confirm=NAME --confirm-deployed=NAME");
  expect(await regions.everything()).toBe(before);
});

test("purge lists and does nothing unless it is confirmed; then nothing is left in either region", async () => {
  const before = await regions.everything();
  const unconfirmed = await regions.cli("purge");
  expect([unconfirmed.status, unconfirmed.changes]).toEqual([2, []]);
  expect(unconfirmed.stderr).toMatch(/nothing was done: say --confirm=NAME to do this/);
  for (const id of [first, second, third, ...copies])
    expect(unconfirmed.stdout).toContain(`would delete ${id} (purge)`);
  expect((await regions.cli("purge", "--dry-run")).status).toBe(0);
  expect(await regions.everything()).toBe(before);
  const purged = await regions.cli("purge", "--confirm=ci");
  expect(purged.status).toBe(0);
  for (const region of [HERE, THERE]) {
    await expectServed(region, "none");
    const { Snapshots } = await regions.ec2(region).send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
    expect(Snapshots ?? []).toEqual([]);
  }
});
