import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  ModifyLaunchTemplateCommand,
  paginateDescribeLaunchTemplateVersions,
  type RequestLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { type Emulated, errorOf, REGION, startEmulated } from "../../emulated";

let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated();
}, 120_000);
afterAll(() => aws?.stop());

const MAPPINGS = [
  {
    DeviceName: "/dev/xvda",
    Ebs: { VolumeSize: 40, VolumeType: "gp3" as const, DeleteOnTermination: true, Encrypted: true },
  },
  { DeviceName: "/dev/sdf", NoDevice: "" },
];

let made = 0;
async function create(LaunchTemplateData: RequestLaunchTemplateData, tags: Record<string, string> = { name: "x" }) {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { LaunchTemplate } = await aws.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: `template-${made++}`,
      LaunchTemplateData,
      TagSpecifications: [{ ResourceType: "launch-template", Tags }],
    }),
  );
  return LaunchTemplate?.LaunchTemplateId ?? "";
}

async function version(id: string, Version = "$Latest") {
  const input = { LaunchTemplateId: id, Versions: [Version] };
  const { LaunchTemplateVersions } = await aws.ec2.send(new DescribeLaunchTemplateVersionsCommand(input));
  return LaunchTemplateVersions?.[0];
}

test("the template's tags are the template's, not its data's; data comes back as it was sent", async () => {
  const data: RequestLaunchTemplateData = {
    ImageId: "resolve:ssm:/some/parameter",
    InstanceType: "m7i.large",
    UserData: "IyEvYmluL3No",
    BlockDeviceMappings: [
      ...MAPPINGS,
      {
        DeviceName: "/dev/sdg",
        Ebs: { SnapshotId: "snap-0123456789abcdef0", VolumeInitializationRate: 200, Throughput: 125 },
      },
    ],
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
    NetworkInterfaces: [
      { DeviceIndex: 0, AssociatePublicIpAddress: false, Groups: ["sg-0123456789abcdef0"], SubnetId: "subnet-1" },
    ],
    TagSpecifications: [
      { ResourceType: "instance", Tags: [{ Key: "a", Value: "b" }] },
      { ResourceType: "volume", Tags: [{ Key: "a", Value: "b" }] },
    ],
  };
  const id = await create(data, { "docker-cache:name": "default", "docker-cache:consume": "default/x86_64" });
  expect((await version(id))?.LaunchTemplateData).toEqual(data);
  const { LaunchTemplates } = await aws.ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }));
  expect(LaunchTemplates?.[0]?.Tags).toEqual([
    { Key: "docker-cache:name", Value: "default" },
    { Key: "docker-cache:consume", Value: "default/x86_64" },
  ]);
});

test("tags written later are seen, and found by", async () => {
  const id = await create({ InstanceType: "m7i.large" });
  await aws.ec2.send(
    new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "docker-cache:consume", Value: "late/arm64" }] }),
  );
  const Filters = [{ Name: "tag:docker-cache:consume", Values: ["late/arm64"] }];
  const { LaunchTemplates } = await aws.ec2.send(new DescribeLaunchTemplatesCommand({ Filters }));
  expect(LaunchTemplates?.map((one) => one.LaunchTemplateId)).toEqual([id]);
});

test("a tag specification without tags is taken", async () => {
  const id = await create({ TagSpecifications: [{ ResourceType: "instance" }] });
  expect((await version(id))?.LaunchTemplateData?.TagSpecifications).toEqual([{ ResourceType: "instance" }]);
});

test("a version inherits from its source what it does not state, but for the snapshots of mappings", async () => {
  const SnapshotId = "snap-0123456789abcdef0";
  const id = await create({
    InstanceType: "m7i.large",
    UserData: "IyEvYmluL3No",
    BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { SnapshotId, VolumeSize: 20 } }],
  });
  const next = (LaunchTemplateData: RequestLaunchTemplateData, SourceVersion?: string) =>
    aws.ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, SourceVersion, LaunchTemplateData }));
  await next({ InstanceType: "m7i.xlarge" }, "1");
  expect((await version(id))?.LaunchTemplateData).toEqual({
    InstanceType: "m7i.xlarge",
    UserData: "IyEvYmluL3No",
    BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { VolumeSize: 20 } }],
  });
  await next({ BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { SnapshotId } }] }, "$Latest");
  expect((await version(id))?.LaunchTemplateData?.BlockDeviceMappings).toEqual([
    { DeviceName: "/dev/sdf", Ebs: { SnapshotId } },
  ]);
  await next({ InstanceType: "m7i.large" });
  expect((await version(id))?.LaunchTemplateData).toEqual({ InstanceType: "m7i.large" });
  expect(await errorOf(next({}, "99"))).toBe("InvalidLaunchTemplateId.VersionNotFound");
});

test("default and latest are two things; a version says who made it", async () => {
  const id = await create({ InstanceType: "m7i.large" });
  const target = { service: "sts", action: "AssumeRole", region: REGION };
  const RoleArn = "arn:aws:iam::123456789012:role/docker-cache-rotation";
  type Assumed = { Credentials: { AccessKeyId: string } };
  const { Credentials } = await aws.aws.moto<Assumed>(target, { RoleArn, RoleSessionName: "rotation" });
  const credentials = { accessKeyId: Credentials.AccessKeyId, secretAccessKey: "x", sessionToken: "x" };
  const rotation = new (aws.ec2.constructor as typeof import("@aws-sdk/client-ec2").EC2Client)({
    ...aws.config(),
    credentials,
  });
  const command = new CreateLaunchTemplateVersionCommand({
    LaunchTemplateId: id,
    VersionDescription: "promoted",
    LaunchTemplateData: { InstanceType: "m7i.xlarge" },
  });
  const { LaunchTemplateVersion } = await rotation.send(command);
  expect(LaunchTemplateVersion).toMatchObject({
    VersionNumber: 2,
    DefaultVersion: false,
    VersionDescription: "promoted",
    CreatedBy: "arn:aws:sts::123456789012:assumed-role/docker-cache-rotation/rotation",
  });
  expect((await version(id, "$Default"))?.VersionNumber).toBe(1);
  await aws.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: "2" }));
  expect((await version(id, "$Default"))?.VersionNumber).toBe(2);
  const { LaunchTemplates } = await aws.ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }));
  expect(LaunchTemplates?.[0]).toMatchObject({ DefaultVersionNumber: 2, LatestVersionNumber: 2 });
});

test("versions are deleted, but for the default one; numbers are not used again", async () => {
  const id = await create({ InstanceType: "m7i.large" });
  for (let n = 0; n < 3; n++) {
    await aws.ec2.send(
      new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, LaunchTemplateData: { KeyName: `${n}` } }),
    );
  }
  const answer = await aws.ec2.send(
    new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: ["1", "2", "4", "9"] }),
  );
  const numbers = (items: { VersionNumber?: number }[] = []) => items.map((one) => one.VersionNumber);
  expect(numbers(answer.SuccessfullyDeletedLaunchTemplateVersions)).toEqual([2, 4]);
  expect(numbers(answer.UnsuccessfullyDeletedLaunchTemplateVersions)).toEqual([1, 9]);
  expect((await version(id))?.VersionNumber).toBe(3);
  const { LaunchTemplateVersion } = await aws.ec2.send(
    new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, LaunchTemplateData: { KeyName: "next" } }),
  );
  expect(LaunchTemplateVersion?.VersionNumber).toBe(5);
});

test("$Latest and $Default of all templates come in one paged call; a version number of all is refused", async () => {
  const ids = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const id = await create({ KeyName: "first", BlockDeviceMappings: MAPPINGS });
    ids.add(id);
    await aws.ec2.send(
      new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, LaunchTemplateData: { KeyName: "second" } }),
    );
  }
  const found: Record<string, string[]> = {};
  const pages = paginateDescribeLaunchTemplateVersions(
    { client: aws.ec2, pageSize: 7 },
    { Versions: ["$Latest", "$Default"] },
  );
  for await (const { LaunchTemplateVersions = [] } of pages) {
    expect(LaunchTemplateVersions.length).toBeLessThanOrEqual(7);
    for (const { LaunchTemplateId: id = "", LaunchTemplateData } of LaunchTemplateVersions) {
      if (ids.has(id)) found[id] = [...(found[id] ?? []), LaunchTemplateData?.KeyName ?? ""];
    }
  }
  expect(Object.keys(found)).toHaveLength(20);
  for (const names of Object.values(found)) expect(names.sort()).toEqual(["first", "second"]);
  const describe = (input: object) => errorOf(aws.ec2.send(new DescribeLaunchTemplateVersionsCommand(input)));
  expect(await describe({ Versions: ["1"] })).toBe("InvalidParameterValue");
  expect(await describe({})).toBe("MissingParameter");
  const { LaunchTemplates } = await aws.ec2.send(new DescribeLaunchTemplatesCommand({}));
  expect(LaunchTemplates?.length).toBeGreaterThan(20);
});

test("a template that is gone, or has a name that is taken, is an error", async () => {
  const id = await create({ InstanceType: "m7i.large" });
  const name = `template-${made - 1}`;
  const again = new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData: {} });
  expect(await errorOf(aws.ec2.send(again))).toBe("InvalidLaunchTemplateName.AlreadyExistsException");
  await aws.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: name }));
  expect(await errorOf(version(id))).toBe("InvalidLaunchTemplateId.NotFound");
  const byName = new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [name] });
  expect(await errorOf(aws.ec2.send(byName))).toBe("InvalidLaunchTemplateName.NotFoundException");
});
