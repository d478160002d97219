import type { Image, RunInstancesRequest } from "@aws-sdk/client-ec2";
import { launchVolumes, mergeParameters, tagsFor } from "../../../../../lab/aws/services/ec2/launch-parameters";

const IMAGE: Image = {
  BlockDeviceMappings: [
    {
      DeviceName: "/dev/xvda",
      Ebs: { SnapshotId: "snap-root", VolumeSize: 8, VolumeType: "gp3", DeleteOnTermination: false },
    },
    { DeviceName: "/dev/sdb", VirtualName: "ephemeral0" },
  ],
};
const COUNT = { MinCount: 1, MaxCount: 1 };

test("what the request says comes before what the template says; mappings, interfaces and tags are joined", () => {
  const merged = mergeParameters(
    {
      InstanceType: "m7i.large",
      UserData: "dGVtcGxhdGU=",
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2 },
      BlockDeviceMappings: [
        { DeviceName: "/dev/sdf", Ebs: { VolumeSize: 1 } },
        { DeviceName: "/dev/sdg", Ebs: { VolumeSize: 2 } },
      ],
      TagSpecifications: [
        {
          ResourceType: "volume",
          Tags: [
            { Key: "a", Value: "1" },
            { Key: "b", Value: "1" },
          ],
        },
      ],
    },
    {
      ...COUNT,
      InstanceType: "m7i.xlarge",
      MetadataOptions: { HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [{ DeviceName: "/dev/sdg", NoDevice: "" }],
      TagSpecifications: [{ ResourceType: "volume", Tags: [{ Key: "b", Value: "2" }] }],
    },
  );
  expect(merged).toMatchObject({
    InstanceType: "m7i.xlarge",
    UserData: "dGVtcGxhdGU=",
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
    BlockDeviceMappings: [
      { DeviceName: "/dev/sdf", Ebs: { VolumeSize: 1 } },
      { DeviceName: "/dev/sdg", NoDevice: "" },
    ],
  });
  expect(tagsFor(merged, "volume")).toEqual([
    { Key: "a", Value: "1" },
    { Key: "b", Value: "2" },
  ]);
  expect(tagsFor(merged, "instance")).toEqual([]);
  expect(mergeParameters(undefined, COUNT as RunInstancesRequest).BlockDeviceMappings).toEqual([]);
});

test("the image's mapping is the base of the request's; a device can be taken away; volumes go with the instance", () => {
  expect(launchVolumes(IMAGE)).toEqual([
    {
      deviceName: "/dev/xvda",
      ebs: { SnapshotId: "snap-root", VolumeSize: 8, VolumeType: "gp3", DeleteOnTermination: true },
    },
  ]);
  const mapped = launchVolumes(IMAGE, [
    { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 40, Encrypted: true } },
    { DeviceName: "/dev/sdf", Ebs: { SnapshotId: "snap-1", DeleteOnTermination: false } },
    { DeviceName: "/dev/sdg", NoDevice: "true" },
  ]);
  expect(
    mapped.map(({ deviceName, ebs }) => [deviceName, ebs.VolumeSize, ebs.Encrypted, ebs.DeleteOnTermination]),
  ).toEqual([
    ["/dev/xvda", 40, true, true],
    ["/dev/sdf", undefined, undefined, false],
  ]);
  expect(launchVolumes(IMAGE, [{ DeviceName: "/dev/xvda", NoDevice: "" }])).toEqual([]);
});

test("a mapping without size and snapshot, or with a snapshot and a say on encryption, is refused", () => {
  const of = (Ebs: object) => () => launchVolumes(IMAGE, [{ DeviceName: "/dev/sdf", Ebs }]);
  expect(of({ VolumeType: "gp3" })).toThrow("size or snapshotId");
  expect(of({ SnapshotId: "snap-1", Encrypted: false })).toThrow("encrypted flag");
});
