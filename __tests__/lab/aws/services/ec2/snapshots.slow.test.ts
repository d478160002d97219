import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DescribeLockedSnapshotsCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  LockSnapshotCommand,
  ModifyVolumeCommand,
  paginateDescribeSnapshots,
} from "@aws-sdk/client-ec2";
import { type Emulated, errorOf, REGION, startEmulated } from "../../emulated";

let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated({ settings: { snapshotSeconds: 60, copySeconds: 120 } });
}, 120_000);
afterAll(() => aws?.stop());

async function volume(Size = 10, Encrypted = false): Promise<string> {
  const made = await aws.ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", Size, Encrypted, VolumeType: "gp3" }),
  );
  return made.VolumeId ?? "";
}

async function snapshot(VolumeId: string, tags: Record<string, string> = { some: "tag" }): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const made = await aws.ec2.send(
    new CreateSnapshotCommand({ VolumeId, TagSpecifications: [{ ResourceType: "snapshot", Tags }] }),
  );
  expect(made.State).toBe("pending");
  return made.SnapshotId ?? "";
}

async function describeOne(id: string, client = aws.ec2) {
  const { Snapshots } = await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
  return Snapshots?.[0];
}

test("a snapshot is pending for a while, then completes and says so in EBS's malformed ARN", async () => {
  const volumeId = await volume();
  const id = await snapshot(volumeId, { a: "b" });
  expect(await describeOne(id)).toMatchObject({ State: "pending", Progress: "0%", VolumeId: volumeId, VolumeSize: 10 });
  await aws.pass(30);
  expect(await describeOne(id)).toMatchObject({ State: "pending", Progress: "50%" });
  expect(aws.events.filter((event) => event.resources[0]?.endsWith(id))).toEqual([]);
  await aws.pass(30);
  expect(await describeOne(id)).toMatchObject({
    State: "completed",
    Progress: "100%",
    Tags: [{ Key: "a", Value: "b" }],
  });
  const arn = `arn:aws:ec2::${REGION}:snapshot/${id}`;
  expect(aws.events.filter((event) => event.resources[0] === arn)).toEqual([
    {
      version: "0",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      "detail-type": "EBS Snapshot Notification",
      source: "aws.ec2",
      account: "123456789012",
      time: "2026-11-21T00:01:00Z",
      region: REGION,
      resources: [arn],
      detail: {
        event: "createSnapshot",
        result: "succeeded",
        cause: "",
        "request-id": "",
        snapshot_id: arn,
        source: `arn:aws:ec2::${REGION}:volume/${volumeId}`,
        startTime: "2026-11-21T00:00:00Z",
        endTime: "2026-11-21T00:01:00Z",
      },
    },
  ]);
});

test("a snapshot can be made to fail: state error, result failed", async () => {
  const id = await snapshot(await volume());
  const record = aws.regions[REGION]?.snapshots[id];
  if (record) record.failure = "Given key ID is not accessible";
  await aws.pass(60);
  expect(await describeOne(id)).toMatchObject({ State: "error", StateMessage: "Given key ID is not accessible" });
  expect(aws.events.at(-1)?.detail).toMatchObject({ result: "failed", cause: "Given key ID is not accessible" });
});

test("a snapshot keeps the size and the encryption that its volume had", async () => {
  const volumeId = await volume(10, true);
  const id = await snapshot(volumeId);
  await aws.ec2.send(new ModifyVolumeCommand({ VolumeId: volumeId, Size: 20 }));
  await aws.pass(60);
  expect(await describeOne(id)).toMatchObject({ VolumeSize: 10, Encrypted: true });
  const shrink = new ModifyVolumeCommand({ VolumeId: volumeId, Size: 19 });
  expect(await errorOf(aws.ec2.send(shrink))).toBe("InvalidParameterValue");
});

test("at most five snapshots of one volume are pending", async () => {
  const volumeId = await volume();
  for (let n = 0; n < 5; n++) await snapshot(volumeId);
  expect(await errorOf(snapshot(volumeId))).toBe("ConcurrentSnapshotLimitExceeded");
  await aws.pass(60);
  await snapshot(volumeId);
  await aws.pass(60);
});

test("a copy arrives in the other region, without tags unless given, with an event there and an arbitrary volume id", async () => {
  const id = await snapshot(await volume(), { a: "b" });
  const virginia = new EC2Client(aws.config("us-east-1"));
  const request = { SourceRegion: REGION, SourceSnapshotId: id, Encrypted: true };
  expect(await errorOf(virginia.send(new CopySnapshotCommand(request)))).toBe("IncorrectState");
  await aws.pass(60);
  const { SnapshotId = "" } = await virginia.send(new CopySnapshotCommand(request));
  expect(await describeOne(SnapshotId, virginia)).toMatchObject({
    State: "pending",
    VolumeId: "vol-ffffffff",
    Tags: [],
  });
  await aws.pass(120);
  expect(await describeOne(SnapshotId, virginia)).toMatchObject({
    State: "completed",
    Encrypted: true,
    VolumeSize: 10,
  });
  expect(aws.events.at(-1)).toMatchObject({
    region: "us-east-1",
    resources: [`arn:aws:ec2::us-east-1:snapshot/${SnapshotId}`],
    detail: { event: "copySnapshot", source: `arn:aws:ec2::${REGION}:snapshot/${id}`, incremental: "false" },
  });
  expect(await errorOf(describeOne(SnapshotId))).toBe("InvalidSnapshot.NotFound");
});

test("lists come in pages, of the owner asked for, by tag", async () => {
  const volumeId = await volume();
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    ids.push(await snapshot(volumeId, { series: `run ${n % 2}`, n: String(n) }));
    await aws.pass(60);
  }
  const pages = paginateDescribeSnapshots(
    { client: aws.ec2, pageSize: 5 },
    { OwnerIds: ["self"], Filters: [{ Name: "tag:series", Values: ["run*"] }] },
  );
  const sizes: number[] = [];
  const found: (string | undefined)[] = [];
  for await (const { Snapshots = [] } of pages) {
    sizes.push(Snapshots.length);
    found.push(...Snapshots.map((one) => one.SnapshotId));
  }
  expect(sizes).toEqual([5, 5, 2]);
  expect(found).toEqual(ids);
  const Filters = [
    { Name: "tag:series", Values: ["run 1"] },
    { Name: "tag-key", Values: ["n"] },
    { Name: "status", Values: ["completed"] },
  ];
  const odd = await aws.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"], Filters }));
  expect(odd.Snapshots).toHaveLength(6);
  const others = await aws.ec2.send(new DescribeSnapshotsCommand({}));
  const foreign = others.Snapshots?.filter((one) => one.OwnerId !== "123456789012") ?? [];
  expect(foreign.length).toBeGreaterThan(0);
  const own = await aws.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
  expect(own.Snapshots?.some((one) => one.OwnerId !== "123456789012")).toBe(false);
});

test("a page of fewer than 5, a filter that does not exist, and a malformed id are refused", async () => {
  const send = (input: object) => errorOf(aws.ec2.send(new DescribeSnapshotsCommand(input)));
  expect(await send({ MaxResults: 4 })).toBe("InvalidParameterValue");
  expect(await send({ Filters: [{ Name: "colour", Values: ["x"] }] })).toBe("InvalidParameterValue");
  expect(await send({ SnapshotIds: ["snapshot"] })).toBe("InvalidSnapshotID.Malformed");
  expect(await send({ SnapshotIds: ["snap-0123456789abcdef0"] })).toBe("InvalidSnapshot.NotFound");
});

test("a locked snapshot cannot be deleted, and is listed as locked", async () => {
  const id = await snapshot(await volume());
  await aws.ec2.send(new LockSnapshotCommand({ SnapshotId: id, LockMode: "governance", LockDuration: 1 }));
  const { Snapshots } = await aws.ec2.send(new DescribeLockedSnapshotsCommand({ SnapshotIds: [id] }));
  expect(Snapshots).toEqual([expect.objectContaining({ SnapshotId: id, LockState: "governance" })]);
  expect(await errorOf(aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })))).toBe("SnapshotLocked");
  await aws.pass(86_400);
  await aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
  expect(await errorOf(describeOne(id))).toBe("InvalidSnapshot.NotFound");
});

test("who may make volumes of a snapshot is told", async () => {
  const id = await snapshot(await volume());
  const input = { SnapshotId: id, Attribute: "createVolumePermission" as const };
  const { CreateVolumePermissions } = await aws.ec2.send(new DescribeSnapshotAttributeCommand(input));
  expect(CreateVolumePermissions).toEqual([]);
});

test("tags that begin with aws: are refused from clients", async () => {
  const id = await snapshot(await volume());
  const Tags = [{ Key: "aws:dlm:lifecycle-policy-id", Value: "policy-0123" }];
  expect(await errorOf(aws.ec2.send(new CreateTagsCommand({ Resources: [id], Tags })))).toBe("InvalidParameterValue");
  const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags }];
  const create = new CreateSnapshotCommand({ VolumeId: await volume(), TagSpecifications });
  expect(await errorOf(aws.ec2.send(create))).toBe("InvalidParameterValue");
});

test("a volume is made only of a completed snapshot that fits, and shows its initialisation rate", async () => {
  const id = await snapshot(await volume(10));
  const make = (input: object) =>
    aws.ec2.send(
      new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", SnapshotId: id, VolumeType: "gp3", ...input }),
    );
  expect(await errorOf(make({}))).toBe("IncorrectState");
  await aws.pass(60);
  expect(await errorOf(make({ Size: 9 }))).toBe("InvalidParameterValue");
  expect(await errorOf(make({ VolumeInitializationRate: 99 }))).toBe("InvalidParameterValue");
  expect(await errorOf(make({ AvailabilityZone: "eu-west-1z" }))).toBe("InvalidZone.NotFound");
  const { VolumeId = "" } = await make({ VolumeInitializationRate: 200 });
  const { Volumes } = await aws.ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }));
  expect(Volumes).toEqual([expect.objectContaining({ Size: 10, SnapshotId: id, VolumeInitializationRate: 200 })]);
});
