/** Which image a machine boots is said by its AMI. */
import type { Image } from "@aws-sdk/client-ec2";
import { startCloud, stopCloud } from "../../../lab/cloud/cloud";
import type { Cloud } from "../../../lab/cloud/types";
import { shellIn } from "../../../lab/machine/machine-shell";
import { type Emulated, REGION, startEmulated } from "../aws/emulated";
import { waitForBoot } from "../machine/boot";

let aws: Emulated;
let cloud: Cloud;
/** AMIs that the emulated AWS knows; the last one has no image of its own. */
let amis: string[];
beforeAll(async () => {
  aws = await startEmulated();
  const target = { service: "ec2", action: "DescribeImages", region: REGION };
  const { Images = [] } = await aws.aws.call<{ Images?: Image[] }>(target, {});
  amis = Images.flatMap(({ ImageId = "", Architecture }) => (Architecture === "x86_64" ? [ImageId] : [])).slice(0, 3);
  const images = { [amis[0] ?? ""]: "bookworm", [amis[1] ?? ""]: "trixie" };
  cloud = await startCloud(aws, { regions: [REGION], images, image: "forky" });
}, 120_000);
afterAll(async () => {
  if (cloud) await stopCloud(cloud);
  await aws?.stop();
});

test.each([
  [0, "bookworm"],
  [1, "trixie"],
  [2, "forky"],
] as const)(
  "an instance of AMI %s boots %s",
  async (index, generation) => {
    const target = { service: "ec2", action: "RunInstances", region: REGION };
    type Answer = { Instances?: { InstanceId?: string }[] };
    const input = { ImageId: amis[index], InstanceType: "t3.micro", MinCount: 1, MaxCount: 1 };
    const answer = await aws.aws.call<Answer>(target, input);
    const machine = cloud.machines.get(answer.Instances?.[0]?.InstanceId ?? "");
    if (!machine) throw new Error("the launch booted no machine");
    await waitForBoot(machine);
    const release = (await shellIn(machine, "cat /etc/os-release")).split("\n");
    expect(release).toContain(`VERSION_CODENAME=${generation}`);
  },
  180_000,
);
