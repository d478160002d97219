import {
  CreateLifecyclePolicyCommand,
  type CreateLifecyclePolicyCommandInput,
  DeleteLifecyclePolicyCommand,
  DLMClient,
  GetLifecyclePoliciesCommand,
  GetLifecyclePolicyCommand,
  ListTagsForResourceCommand,
  type RetainRule,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateLifecyclePolicyCommand,
} from "@aws-sdk/client-dlm";
import {
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteTagsCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeTagsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { runDueDlmPolicies } from "../../../../../lab/aws/services/dlm/run";
import { type Emulated, errorOf, REGION, startEmulated } from "../../emulated";

const DAY_SECONDS = 86_400;
const COPY_REGION = "us-east-1";

let aws: Emulated;
let dlm: DLMClient;
beforeAll(async () => {
  aws = await startEmulated({ settings: { snapshotSeconds: 60, copySeconds: 60 } });
  dlm = new DLMClient(aws.config());
}, 120_000);
afterAll(() => aws?.stop());

/** Each test has a cache of its own, and starts at midnight without policies. */
let cache = "";
let caches = 0;
beforeEach(async () => {
  cache = `cache-${caches++}`;
  for (const id of Object.keys(aws.regions[REGION]?.dlmPolicies ?? {})) delete aws.regions[REGION]?.dlmPolicies[id];
  const sinceMidnight = (aws.aws.now().getTime() / 1000) % DAY_SECONDS;
  if (sinceMidnight > 0) await aws.pass(DAY_SECONDS - sinceMidnight);
});
const later = (seconds: number) => new Date(aws.aws.now().getTime() + seconds * 1000);

function policy(retain: RetainRule, copyDays = 7): CreateLifecyclePolicyCommandInput {
  return {
    Description: "copies of default x86_64",
    ExecutionRoleArn: "arn:aws:iam::123456789012:role/dlm",
    State: "ENABLED",
    Tags: { "docker-cache:name": "default" },
    PolicyDetails: {
      ResourceTypes: ["VOLUME"],
      TargetTags: [
        { Key: "docker-cache:replicate", Value: `${cache}/x86_64` },
        { Key: "docker-cache:replicate", Value: `${cache}/arm64` },
      ],
      Schedules: [
        {
          Name: "daily",
          CopyTags: true,
          TagsToAdd: [{ Key: "added", Value: "yes" }],
          CreateRule: { Interval: 24, IntervalUnit: "HOURS", Times: ["03:00"] },
          RetainRule: retain,
          CrossRegionCopyRules: [
            {
              Target: COPY_REGION,
              Encrypted: true,
              CopyTags: true,
              RetainRule: { Interval: copyDays, IntervalUnit: "DAYS" },
            },
          ],
        },
      ],
    },
  };
}

const days = (Interval: number): RetainRule => ({ Interval, IntervalUnit: "DAYS" });

async function create(input: CreateLifecyclePolicyCommandInput): Promise<string> {
  const { PolicyId = "" } = await dlm.send(new CreateLifecyclePolicyCommand(input));
  return PolicyId;
}

async function volume(tags: Record<string, string>): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { VolumeId = "" } = await aws.ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: "eu-west-1a",
      Size: 10,
      VolumeType: "gp3",
      TagSpecifications: [{ ResourceType: "volume", Tags }],
    }),
  );
  return VolumeId;
}

const target = (architecture: string) =>
  volume({ "docker-cache:replicate": `${cache}/${architecture}`, state: "ready" });

async function snapshots(region = REGION) {
  const client = region === REGION ? aws.ec2 : new EC2Client(aws.config(region));
  const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
  const all = Snapshots.map((one) => ({
    ...one,
    tags: Object.fromEntries((one.Tags ?? []).map((tag) => [tag.Key, tag.Value])),
  }));
  return all.filter(({ tags }) => tags["docker-cache:replicate"]?.startsWith(`${cache}/`));
}

/** Lets days pass: policies run at 03:00 and at midnight, and snapshots and copies complete between. */
async function passDays(count: number): Promise<void> {
  for (let day = 0; day < count; day++) {
    await aws.pass(3 * 3600);
    await runDueDlmPolicies(aws.aws);
    await aws.pass(120);
    await aws.pass(DAY_SECONDS - 3 * 3600 - 120);
    await runDueDlmPolicies(aws.aws);
  }
}

test("a policy is created, read, changed, tagged and deleted", async () => {
  const PolicyId = await create(policy(days(14)));
  expect(PolicyId).toMatch(/^policy-0[0-9a-f]{16}$/);
  const { Policy } = await dlm.send(new GetLifecyclePolicyCommand({ PolicyId }));
  expect(Policy).toMatchObject({
    PolicyId,
    PolicyArn: `arn:aws:dlm:${REGION}:123456789012:policy/${PolicyId}`,
    State: "ENABLED",
    StatusMessage: "ENABLED",
    Tags: { "docker-cache:name": "default" },
    PolicyDetails: { ...policy(days(14)).PolicyDetails, PolicyType: "EBS_SNAPSHOT_MANAGEMENT" },
  });
  expect(Policy?.DateCreated).toEqual(aws.aws.now());

  await aws.pass(60);
  await dlm.send(new UpdateLifecyclePolicyCommand({ PolicyId, State: "DISABLED", Description: "off" }));
  const changed = await dlm.send(new GetLifecyclePolicyCommand({ PolicyId }));
  expect(changed.Policy).toMatchObject({ State: "DISABLED", Description: "off", PolicyDetails: Policy?.PolicyDetails });
  expect(changed.Policy?.DateModified).toEqual(aws.aws.now());

  const ResourceArn = Policy?.PolicyArn;
  await dlm.send(new TagResourceCommand({ ResourceArn, Tags: { more: "tags" } }));
  await dlm.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["docker-cache:name"] }));
  expect((await dlm.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags).toEqual({ more: "tags" });

  const found = (input: object) =>
    dlm.send(new GetLifecyclePoliciesCommand(input)).then(({ Policies }) => Policies?.map((one) => one.PolicyId));
  expect(await found({ TargetTags: [`docker-cache:replicate=${cache}/arm64`] })).toEqual([PolicyId]);
  expect(await found({ TargetTags: ["docker-cache:replicate=other"] })).toEqual([]);
  expect(await found({ State: "ENABLED" })).toEqual([]);

  await dlm.send(new DeleteLifecyclePolicyCommand({ PolicyId }));
  expect(await errorOf(dlm.send(new GetLifecyclePolicyCommand({ PolicyId })))).toBe("ResourceNotFoundException");
});

test("what the service's model forbids is refused", async () => {
  const send = (change: object) => errorOf(create({ ...policy(days(14)), ...change }));
  expect(await send({ Description: "no dots. allowed" })).toBe("InvalidRequestException");
  const [schedule] = policy(days(14)).PolicyDetails?.Schedules ?? [];
  const rules = Array.from({ length: 4 }, () => ({ Target: COPY_REGION, Encrypted: false }));
  const details = { ...policy(days(14)).PolicyDetails, Schedules: [{ ...schedule, CrossRegionCopyRules: rules }] };
  expect(await send({ PolicyDetails: details })).toBe("InvalidRequestException");
});

test("volumes that bear any target tag are snapshotted once a day, with their tags and DLM's own", async () => {
  const PolicyId = await create(policy(days(14)));
  const [one, two] = [await target("x86_64"), await target("arm64")];
  await volume({ "docker-cache:replicate": "other/arm64" });
  await aws.pass(2 * 3600);
  expect((await runDueDlmPolicies(aws.aws)).created).toEqual([]);
  await aws.pass(3600);
  const round = await runDueDlmPolicies(aws.aws);
  expect(round.created).toHaveLength(2);
  expect((await runDueDlmPolicies(aws.aws)).created).toEqual([]);
  const made = await snapshots();
  expect(made.map(({ VolumeId }) => VolumeId).sort()).toEqual([one, two].sort());
  expect(made.find(({ VolumeId }) => VolumeId === one)).toMatchObject({
    State: "pending",
    Description: `Created for policy: ${PolicyId} schedule: daily`,
    tags: {
      "docker-cache:replicate": `${cache}/x86_64`,
      state: "ready",
      added: "yes",
      "aws:dlm:lifecycle-policy-id": PolicyId,
      "aws:dlm:lifecycle-schedule-name": "daily",
      "aws:dlm:managed": "true",
      "aws:dlm:expirationTime": later(14 * DAY_SECONDS).toISOString(),
    },
  });
  const Filters = [{ Name: "key", Values: ["aws:dlm:managed"] }];
  expect((await aws.ec2.send(new DescribeTagsCommand({ Filters }))).Tags).toHaveLength(2);
});

test("a completed snapshot is copied by the rules, with the tags it was given, and the copy expires by its own age", async () => {
  const PolicyId = await create(policy(days(2), 3));
  await target("x86_64");
  await aws.pass(3 * 3600);
  await runDueDlmPolicies(aws.aws);
  expect(await snapshots(COPY_REGION)).toEqual([]);
  await aws.pass(60);
  const [copy] = await snapshots(COPY_REGION);
  expect(copy).toMatchObject({
    State: "pending",
    Encrypted: true,
    tags: {
      "docker-cache:replicate": `${cache}/x86_64`,
      state: "ready",
      added: "yes",
      "aws:dlm:lifecycle-policy-id": PolicyId,
      "aws:dlm:lifecycle-schedule-name": "daily",
      "aws:dlm:expirationTime": later(3 * DAY_SECONDS).toISOString(),
    },
  });
  await aws.pass(60);
  expect(aws.events.at(-1)).toMatchObject({ region: COPY_REGION, detail: { event: "copySnapshot" } });
  await aws.pass(DAY_SECONDS - 3 * 3600 - 120);
  await passDays(6);
  // Kept two and three days, and taken daily at 03:00: at midnight of day 7 there are those of the last two and three runs.
  expect(await snapshots()).toHaveLength(2);
  expect(await snapshots(COPY_REGION)).toHaveLength(3);
});

test("a schedule that counts keeps that many of each volume", async () => {
  await create(policy({ Count: 2 }));
  await Promise.all([target("x86_64"), target("arm64")]);
  await passDays(4);
  expect(await snapshots()).toHaveLength(4);
});

test("of a deleted volume the last one stays; a volume without the tag, and a deleted policy, keep all for ever", async () => {
  const PolicyId = await create(policy(days(2), 30));
  const [gone, untagged] = [await target("x86_64"), await target("arm64")];
  await passDays(2);
  await aws.ec2.send(new DeleteVolumeCommand({ VolumeId: gone }));
  await aws.ec2.send(new DeleteTagsCommand({ Resources: [untagged], Tags: [{ Key: "docker-cache:replicate" }] }));
  await passDays(5);
  const of = async (id: string) => (await snapshots()).filter(({ VolumeId }) => VolumeId === id).length;
  expect([await of(gone), await of(untagged)]).toEqual([1, 2]);
  const Tags = [{ Key: "docker-cache:replicate", Value: `${cache}/arm64` }];
  await aws.ec2.send(new CreateTagsCommand({ Resources: [untagged], Tags }));
  await dlm.send(new DeleteLifecyclePolicyCommand({ PolicyId }));
  await passDays(3);
  expect([await of(gone), await of(untagged)]).toEqual([1, 2]);
});
