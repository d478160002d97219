/** A plan of the builder gives an error that names the way out if something cannot work. For a change, it shows nothing but that change. */
import {
  CreateSubnetCommand,
  DeleteSubnetCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { BuilderSettings } from "../../../lib/config/cell";
import { builderSettings, cell, deployment, region } from "../fixture";
import { openWorkbench, type Workbench } from "../terraform";

jest.setTimeout(300_000);

const STACK = "docker-cache-builder-eu-west-1";
const { network, instance, volume } = builderSettings();
const ofType = (instanceType: string) => ({ instance: { ...instance, instanceType } });
const inSubnet = (subnetId: string) => ({ network: { ...network, subnetId } });

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

async function plan(overrides: Partial<BuilderSettings>): Promise<string | undefined> {
  const cells = [cell({ builder: builderSettings(overrides) })];
  await bench.synthesize(deployment({ regions: [region({ cells })] }));
  return bench.plan(STACK);
}

/** Terraform breaks its messages into lines. */
const failure = (overrides: Partial<BuilderSettings>) =>
  plan(overrides).then(
    () => "the plan succeeded",
    (error: Error) => error.message.replace(/[\s│╷╵]+/g, " "),
  );

const changed = (text: string | undefined) =>
  [...(text ?? "").matchAll(/^ {2}# (\S+) (?:will|must) be (\S+)/gm)]
    .map(([, address, how]) => `${how} ${address}`)
    .sort();

async function subnetIn(zone: string): Promise<string> {
  const { ec2 } = bench.clients("eu-west-1");
  const { Subnets } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: "availability-zone", Values: [zone] }] }),
  );
  return Subnets![0]!.SubnetId!;
}

/** Zone in which the cache volume was made. */
async function zoneOfVolume(): Promise<string> {
  const { Volumes } = await bench.clients("eu-west-1").ec2.send(new DescribeVolumesCommand({}));
  return Volumes![0]!.AvailabilityZone!;
}

/** An instance type that is offered, and not in this zone. */
async function typeOutside(zone: string): Promise<string> {
  const { ec2 } = bench.clients("eu-west-1");
  const { InstanceTypeOfferings: all } = await ec2.send(
    new DescribeInstanceTypeOfferingsCommand({ LocationType: "availability-zone" }),
  );
  const here = all!.filter(({ Location }) => Location === zone).map(({ InstanceType }) => InstanceType);
  return all!.find(({ InstanceType }) => !here.includes(InstanceType))!.InstanceType!;
}

describe("before the first apply", () => {
  it("a type that no zone with a default subnet offers is an error", async () => {
    expect(await failure(ofType("p9.nonesuch"))).toContain(
      "Instance type p9.nonesuch is offered in no zone of eu-west-1 that has a default subnet.",
    );
  });

  it("a type that the zone of a named subnet does not offer is an error", async () => {
    expect(await failure({ ...ofType("hpc7a.12xlarge"), ...inSubnet(await subnetIn("eu-west-1a")) })).toContain(
      "Instance type hpc7a.12xlarge is not offered in zone eu-west-1a, where the cache volume of ci/x86_64 is.",
    );
  });
});

describe("after the first apply", () => {
  beforeAll(async () => {
    await plan({});
    await bench.apply();
  });

  it("an added image is one added line: of a group that exists, or of a new one", async () => {
    const [sameGroup, another] = ["redis:7 optional", "alpine:3.20"];
    const text = await plan({ images: [...builderSettings().images, sameGroup, another] });
    const images = "aws_ssm_parameter.ci_x86_64_images";
    expect(changed(text)).toEqual([
      expect.stringMatching(new RegExp(`^created ${images}\\["[0-9a-f]"\\]`)),
      expect.stringMatching(new RegExp(`^updated ${images}\\["[0-9a-f]"\\]`)),
    ]);
    const added = text!.split("\n").filter((line) => /^\s*\+/.test(line));
    for (const image of [sameGroup, another]) {
      expect(added.filter((line) => line.includes(image))).toEqual([expect.any(String)]);
    }
  });

  it("another generation replaces the volume, and tells everybody its new id", async () => {
    const text = await plan({ volume: { ...volume, generation: 2 } });
    expect(changed(text)).toEqual(
      expect.arrayContaining([
        "replaced aws_ebs_volume.ci_x86_64_cache",
        "updated terraform_data.ci_x86_64_generation",
      ]),
    );
    expect(text).toMatch(/aws_ssm_parameter.ci_x86_64_volume_id (will|must) be/);
    expect(text).toMatch(/aws_launch_template.ci_x86_64_builder will be updated/);
  });

  it("a larger volume grows in place", async () => {
    expect(changed(await plan({ volume: { ...volume, sizeGib: 200 } }))).toEqual([
      "updated aws_ebs_volume.ci_x86_64_cache",
    ]);
  });

  it("a named subnet in the same zone leaves the volume; one in another zone needs another generation", async () => {
    const zone = await zoneOfVolume();
    const other = await subnetIn(zone === "eu-west-1a" ? "eu-west-1b" : "eu-west-1a");
    const replaced = "replaced aws_ebs_volume.ci_x86_64_cache";
    expect(changed(await plan(inSubnet(await subnetIn(zone))))).not.toContain(replaced);
    expect(await failure(inSubnet(other))).toContain(`The cache volume of ci/x86_64 is in zone ${zone}`);
    const next = { ...inSubnet(other), volume: { ...volume, generation: 2 } };
    expect(changed(await plan(next))).toContain(replaced);
  });

  it("the zone stays when the choice would be another today: a type that only other zones offer is an error", async () => {
    const zone = await zoneOfVolume();
    const type = await typeOutside(zone);
    expect(await failure(ofType(type))).toContain(`Instance type ${type} is not offered in zone ${zone}`);
  });

  it("no default subnets and none named is an error", async () => {
    const { ec2 } = bench.clients("eu-west-1");
    const zone = await zoneOfVolume();
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    for (const { SubnetId } of Subnets!) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    expect(await failure({})).toContain(
      "Region eu-west-1 has no default VPC with default subnets, and no subnet is named for the builder of ci/x86_64: name one.",
    );
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: Subnets![0]!.VpcId,
        CidrBlock: "172.31.200.0/24",
        AvailabilityZone: zone,
      }),
    );
    expect(await plan(inSubnet(Subnet!.SubnetId!))).toContain("Plan: ");
  });
});
