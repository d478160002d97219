/** The adapters: what they ask, how they page, and what they make of answers that leave out what AWS may leave out. */
import { EC2ServiceException } from "@aws-sdk/client-ec2";
import { fakeClients } from "../../../../lab/fake/aws";
import { awsError, createFakeAws } from "../../../../lab/fake/region";
import { unlessGone } from "../../../../lambda-src/rotation/aws/lists";
import { awsPorts } from "../../../../lambda-src/rotation/aws/ports";
import { toRequestData } from "../../../../lambda-src/rotation/aws/shapes";
import type { Ports } from "../../../../lambda-src/rotation/ports";
import { bearing } from "../../../../lambda-src/rotation/ports";

interface Sent {
  readonly name: string;
  readonly input: Record<string, unknown>;
}

/** Ports whose every call is answered with these, in turn, and recorded. */
function answering(...answers: (object | Error)[]): { ports: Ports; sent: Sent[] } {
  const sent: Sent[] = [];
  const clients = fakeClients(createFakeAws());
  const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
    sent.push({ name: command.constructor.name.replace(/Command$/, ""), input: { ...command.input } });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  for (const client of Object.values(clients)) Object.assign(client, { send });
  return { ports: awsPorts("eu-west-1", clients), sent };
}

const FILTER = bearing({ a: "b" });
const LISTS: readonly [
  name: string,
  list: (ports: Ports) => Promise<unknown>,
  key: string,
  item: object,
  empty: unknown,
][] = [
  [
    "snapshots",
    (ports) => ports.listSnapshots(FILTER),
    "Snapshots",
    {},
    {
      id: "",
      ownerId: "",
      volumeId: "",
      state: "",
      archived: false,
      startTime: 0,
      completionTime: null,
      volumeSizeGib: 0,
      fullSizeBytes: null,
      tags: {},
    },
  ],
  [
    "fast restores",
    (ports) => ports.listFastRestores(),
    "FastSnapshotRestores",
    {},
    { snapshotId: "", zone: "", state: "" },
  ],
  ["locks", (ports) => ports.listLocks(), "Snapshots", {}, ""],
  [
    "volumes",
    (ports) => ports.listVolumes(FILTER),
    "Volumes",
    {},
    { id: "", state: "", createdAt: 0, snapshotId: "", tags: {} },
  ],
  [
    "instances",
    (ports) => ports.listInstances(FILTER),
    "Reservations",
    { Instances: [{ Tags: [{}] }] },
    { id: "", state: "", launchedAt: 0, tags: { "": "" } },
  ],
  ["images", (ports) => ports.listImages(), "Images", {}, { imageId: "", snapshotIds: [] }],
  [
    "launch templates",
    (ports) => ports.listLaunchTemplates(FILTER),
    "LaunchTemplates",
    {},
    { id: "", latestVersion: 0, defaultVersion: 0, tags: {} },
  ],
  [
    "current references",
    (ports) => ports.listCurrentReferences(),
    "LaunchTemplateVersions",
    {},
    { templateId: "", version: 0, snapshotIds: [] },
  ],
  [
    "groups",
    (ports) => ports.listAutoScalingVersions(),
    "AutoScalingGroups",
    { LaunchTemplate: {} },
    { group: "", templateId: "", version: "$Default" },
  ],
];

describe.each(LISTS)("%s", (_name, list, key, item, empty) => {
  test("R8: all pages, and nothing where AWS says nothing", async () => {
    const { ports, sent } = answering({ [key]: [item], NextToken: "next" }, {}, { [key]: [item] });
    await expect(list(ports)).resolves.toEqual([empty]);
    expect(sent.map(({ input }) => input.NextToken)).toEqual([undefined, "next"]);
  });
});

test("reservations without instances are none", async () => {
  await expect(answering({ Reservations: [{}] }).ports.listInstances({})).resolves.toEqual([]);
});

test("lists ask for this account's own, by tag, in large pages", async () => {
  const { ports, sent } = answering({});
  await ports.listSnapshots({ ...FILTER, "snapshot-id": ["snap-1", "snap-2"] });
  await ports.listImages();
  expect(sent[0]?.input).toMatchObject({
    OwnerIds: ["self"],
    MaxResults: 1000,
    Filters: [
      { Name: "tag:a", Values: ["b"] },
      { Name: "snapshot-id", Values: ["snap-1", "snap-2"] },
    ],
  });
  expect(sent[1]?.input).toMatchObject({ Owners: ["self"] });
});

describe("the latest versions of templates", () => {
  const version = { LaunchTemplateId: "lt-1", VersionNumber: 3, LaunchTemplateData: {} };

  test("are asked for one by one; a template that is gone, or shows none, is left out", async () => {
    const { ports, sent } = answering(
      { LaunchTemplateVersions: [version] },
      awsError("InvalidLaunchTemplateId.NotFound"),
      {},
    );
    await expect(ports.listLatestVersions(["lt-1", "lt-2", "lt-3"])).resolves.toMatchObject([
      { templateId: "lt-1", version: 3 },
    ]);
    expect(sent.map(({ input }) => [input.LaunchTemplateId, input.Versions])).toEqual(
      ["lt-1", "lt-2", "lt-3"].map((id) => [id, ["$Latest"]]),
    );
  });

  test("of more than twenty are picked out of the region's", async () => {
    const other = { ...version, LaunchTemplateId: "lt-other" };
    const { ports, sent } = answering({ LaunchTemplateVersions: [version, other, {}], NextToken: "n" }, {});
    const ids = Array.from({ length: 21 }, (_, index) => `lt-${index}`);
    await expect(ports.listLatestVersions(ids)).resolves.toMatchObject([{ templateId: "lt-1" }]);
    expect(sent.map(({ input }) => [input.Versions, input.MaxResults])).toEqual([
      [["$Latest"], 200],
      [["$Latest"], 200],
    ]);
  });
});

test("a version that says nothing", async () => {
  await expect(answering({ LaunchTemplateVersions: [{}] }).ports.listVersions("lt-1", [1])).resolves.toEqual([
    { templateId: "", version: 0, description: undefined, createdBy: "", data: {} },
  ]);
});

test("of anybody's versions only what they name is kept", async () => {
  const BlockDeviceMappings = [{ Ebs: { SnapshotId: "snap-1" } }, { Ebs: {} }, {}];
  const data = { UserData: "x".repeat(100), BlockDeviceMappings };
  const { ports } = answering({
    LaunchTemplateVersions: [{ LaunchTemplateId: "lt-1", VersionNumber: 2, LaunchTemplateData: data }],
  });
  await expect(ports.listCurrentReferences()).resolves.toEqual([
    { templateId: "lt-1", version: 2, snapshotIds: ["snap-1"] },
  ]);
  const nothing = answering({ LaunchTemplateVersions: [{ LaunchTemplateData: {} }] });
  await expect(nothing.ports.listCurrentReferences()).resolves.toEqual([
    { templateId: "", version: 0, snapshotIds: [] },
  ]);
});

test("disabled AMIs are asked for too", async () => {
  const { ports, sent } = answering({});
  await ports.listImages();
  expect(sent[0]?.input).toMatchObject({ IncludeDisabled: true });
});

test("expired locks are none; a pager that repeats itself ends", async () => {
  const locks = {
    Snapshots: [
      { SnapshotId: "snap-1", LockState: "expired" },
      { SnapshotId: "snap-2", LockState: "compliance" },
    ],
  };
  await expect(answering(locks).ports.listLocks()).resolves.toEqual(["snap-2"]);
});

test("groups name templates by policy and override too", async () => {
  const specification = { LaunchTemplateId: "lt-1", Version: "4" };
  const override = { LaunchTemplateSpecification: { LaunchTemplateId: "lt-2", Version: "5" } };
  const MixedInstancesPolicy = {
    LaunchTemplate: { LaunchTemplateSpecification: specification, Overrides: [override, {}] },
  };
  const { ports } = answering({ AutoScalingGroups: [{ AutoScalingGroupName: "g", MixedInstancesPolicy }, {}] });
  await expect(ports.listAutoScalingVersions()).resolves.toEqual([
    { group: "g", templateId: "lt-1", version: "4" },
    { group: "g", templateId: "lt-2", version: "5" },
  ]);
});

describe("parameters", () => {
  test("that say nothing", async () => {
    const { ports } = answering({ Parameters: [{}] });
    await expect(ports.getParameters(["a"])).resolves.toEqual(
      new Map([["", { value: "", writtenAt: 0, accountId: "" }]]),
    );
    await expect(answering({}).ports.getParameters(["a"])).resolves.toEqual(new Map());
  });

  test("a history sorted by version; none where there is no parameter", async () => {
    const { ports } = answering({ Parameters: [{ Version: 2, Value: "b" }, { Version: 1, Value: "a" }, {}] });
    await expect(ports.getParameterHistory("p")).resolves.toMatchObject({
      entries: [{ value: "" }, { value: "a" }, { value: "b" }],
      complete: false,
    });
    await expect(answering(awsError("ParameterNotFound")).ports.getParameterHistory("p")).resolves.toEqual({
      entries: [],
      complete: false,
    });
    await expect(answering({}).ports.getParameterHistory("p")).resolves.toEqual({ entries: [], complete: false });
    await expect(answering(awsError("AccessDenied")).ports.getParameterHistory("p")).rejects.toThrow("AccessDenied");
  });
});

describe("single calls", () => {
  test("one that does not exist is null, false or an empty list", async () => {
    const gone = (code: string) => answering(awsError(code)).ports;
    await expect(gone("InvalidSnapshot.NotFound").getSnapshot("snap-1")).resolves.toBeNull();
    await expect(answering({}).ports.getSnapshot("snap-1")).resolves.toBeNull();
    await expect(gone("InvalidInstanceID.NotFound").getInstance("i-1")).resolves.toBeNull();
    await expect(gone("InvalidSnapshot.NotFound").isShared("snap-1")).resolves.toBe(false);
    await expect(answering({}).ports.isShared("snap-1")).resolves.toBe(false);
    await expect(gone("InvalidLaunchTemplateId.VersionNotFound").listVersions("lt-1", [4])).resolves.toEqual([]);
    await expect(gone("UnauthorizedOperation").getSnapshot("snap-1")).rejects.toThrow();
    await expect(unlessGone(() => Promise.reject("text"), null)).rejects.toBe("text");
  });

  test("fast restore reports failures in its answer", async () => {
    const refusal = { Unsuccessful: [{ SnapshotId: "snap-1", FastSnapshotRestoreStateErrors: [] }] };
    await expect(answering(refusal).ports.enableFastRestore("snap-1", ["a"])).rejects.toThrow(/snap-1/);
    await expect(answering(refusal).ports.disableFastRestore("snap-1", ["a"])).rejects.toThrow(/snap-1/);
    await expect(answering({}).ports.enableFastRestore("snap-1", ["a"])).resolves.toBeUndefined();
  });

  test("a deletion that EC2 refuses for good is an error", async () => {
    await expect(answering(awsError("UnauthorizedOperation")).ports.deleteSnapshot("snap-1")).rejects.toThrow();
    await expect(answering(awsError("InvalidSnapshot.NotFound")).ports.deleteSnapshot("snap-1")).resolves.toBe(true);
    const thrown = Object.assign(new EC2ServiceException({ name: "SnapshotLocked", $fault: "client", $metadata: {} }));
    await expect(answering(thrown).ports.deleteSnapshot("snap-1")).resolves.toBe(false);
    await expect(answering("text" as never).ports.deleteSnapshot("snap-1")).resolves.toBe(true);
  });

  test("a tag goes on, or off, a thousand resources a call", async () => {
    const ids = Array.from({ length: 2_001 }, (_, index) => `snap-${index}`);
    const { ports, sent } = answering({});
    await ports.tagResources(ids, "k", "v");
    await ports.untagResources(ids, ["k", "l"]);
    const resources = sent.map(({ input }) => input.Resources as string[]);
    expect(sent.map(({ name }, call) => `${name} ${resources[call]?.length}`)).toEqual(
      ["CreateTags", "DeleteTags"].flatMap((name) => [`${name} 1000`, `${name} 1000`, `${name} 1`]),
    );
    expect([resources.slice(0, 3).flat(), resources.slice(3).flat()]).toEqual([ids, ids]);
  });

  test("a version without a number is none", async () => {
    await expect(answering({}).ports.createVersion("lt-1", {}, undefined, "token")).resolves.toBe(0);
  });
});

test("of a template's data, all that a request takes is kept, and what only responses carry is not", () => {
  const data = {
    ImageId: "ami-1",
    MetadataOptions: { State: "applied", HttpTokens: "required" },
    Operator: { Managed: true, Principal: "p" },
  } as const;
  expect(toRequestData(data)).toEqual({
    ImageId: "ami-1",
    MetadataOptions: { HttpTokens: "required" },
    Operator: { Principal: "p" },
  });
  expect(toRequestData({ Operator: { Managed: false } })).toEqual({});
});

test("the clock is the machine's", async () => {
  const ports = awsPorts("eu-west-1");
  const before = ports.now();
  await ports.sleep(2);
  expect(ports.now()).toBeGreaterThan(before);
});
