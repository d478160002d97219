import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeVolumesCommand,
  ModifyLaunchTemplateCommand,
} from "@aws-sdk/client-ec2";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { zipOf } from "../../../lib/zip";
import { type Emulated, startEmulated } from "./emulated";
import { terraformIn } from "./terraform";

jest.setTimeout(300_000);

let aws: Emulated;
let terraform: ReturnType<typeof terraformIn>;
beforeAll(async () => {
  aws = await startEmulated();
  terraform = terraformIn(join(__dirname, "fixture"), aws);
  writeFileSync(join(terraform.folder, "function.zip"), zipOf({ "index.js": "exports.handler = async () => {};\n" }));
  await terraform.must("init", "-input=false");
  await terraform.must("apply", "-auto-approve", "-input=false");
});
afterAll(async () => {
  if (terraform) rmSync(terraform.folder, { recursive: true, force: true });
  await aws?.stop();
});

async function output(name: string): Promise<string> {
  return (await terraform.must("output", "-raw", name)).trim();
}

async function templateVersion(LaunchTemplateId: string, version: string) {
  const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [version] });
  return (await aws.ec2.send(command)).LaunchTemplateVersions?.[0];
}

test("a second plan of every resource type says: no changes", async () => {
  expect(await terraform.changes()).toBe("");
});

test("nor is there a change after a build has tagged the volume and rotation has promoted", async () => {
  const Tags = [{ Key: "docker-cache:state", Value: "ready" }];
  await aws.ec2.send(new CreateTagsCommand({ Resources: [await output("volume_id")], Tags }));
  const pointer = {
    Name: "/docker-cache/fixture/x86_64/snapshot-id",
    Value: "snap-0123456789abcdef0",
    Overwrite: true,
  };
  await new SSMClient(aws.config()).send(new PutParameterCommand(pointer));
  const id = await output("worker_template_id");
  const latest = await templateVersion(id, "$Latest");
  const [root = {}] = latest?.LaunchTemplateData?.BlockDeviceMappings ?? [];
  const cache = {
    DeviceName: "/dev/sdf",
    Ebs: { SnapshotId: pointer.Value, VolumeSize: 70, DeleteOnTermination: true },
  };
  await aws.ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: id,
      VersionDescription: latest?.VersionDescription,
      LaunchTemplateData: { ...latest?.LaunchTemplateData, BlockDeviceMappings: [root, cache] } as object,
    }),
  );
  await aws.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: "2" }));
  expect(await terraform.changes()).toBe("");
});

test("a later change by Terraform keeps the snapshot, in $Latest and in $Default", async () => {
  await terraform.must("apply", "-auto-approve", "-input=false", "-var=root_size=50");
  const id = await output("worker_template_id");
  for (const version of ["$Latest", "$Default"]) {
    const found = await templateVersion(id, version);
    expect(found?.VersionNumber).toBe(3);
    expect(
      found?.LaunchTemplateData?.BlockDeviceMappings?.map(({ Ebs }) => [Ebs?.VolumeSize, Ebs?.SnapshotId]),
    ).toEqual([
      [50, undefined],
      [70, "snap-0123456789abcdef0"],
    ]);
  }
  expect(await terraform.changes("-var=root_size=50")).toBe("");
});

test("it is all destroyed", async () => {
  await terraform.must("destroy", "-auto-approve", "-input=false");
  const { launchTemplates, dlmPolicies, recycleBinRules, pullThroughRules, autoScalingGroups, functions } =
    aws.regions["eu-west-1"] ?? {};
  const left = { launchTemplates, dlmPolicies, recycleBinRules, pullThroughRules, autoScalingGroups, functions };
  for (const records of Object.values(left)) expect(records).toEqual({});
  expect((await aws.ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
  const { Reservations = [] } = await aws.ec2.send(new DescribeInstancesCommand({}));
  const states = Reservations.flatMap((one) => one.Instances ?? []).map((one) => one.State?.Name);
  expect(new Set(states)).toEqual(new Set(["terminated"]));
});
