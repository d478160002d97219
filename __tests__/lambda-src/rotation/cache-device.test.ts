import { HOUR, OURS, snapshot, template } from "../../../lab/fake/example-state";
import { hasMapping, wantedMapping, withMapping } from "../../../lambda-src/rotation/cache-device";
import type { BlockDeviceMapping } from "../../../lambda-src/rotation/types";
import { TAG } from "../../../lib/contract";

const PROMOTED = snapshot("1", HOUR);
const ROOT: BlockDeviceMapping = { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 30, Encrypted: true } };
const wanted = (tags: Record<string, string> = {}) =>
  wantedMapping(template("lt-1", undefined, { tags: { ...OURS, ...tags } }), PROMOTED, new Set());

describe("the tag docker-cache:mapping", () => {
  test("asks for size, type, iops, throughput and initialization rate", () => {
    const { ebs } = wanted({ [TAG.mapping]: "size=100 type=io2  iops=4000 throughput=500 rate=300" });
    expect(ebs).toEqual({
      SnapshotId: "snap-1",
      VolumeSize: 100,
      VolumeType: "io2",
      Iops: 4000,
      Throughput: 500,
      VolumeInitializationRate: 300,
      DeleteOnTermination: true,
    });
  });

  test("says nothing: gp3 of the snapshot's size", () => {
    expect(wanted().ebs).toMatchObject({ VolumeSize: 50, VolumeType: "gp3", Iops: undefined });
  });

  test("never makes the volume smaller than the snapshot", () => {
    expect(wanted({ [TAG.mapping]: "size=8" }).ebs?.VolumeSize).toBe(50);
  });
});

describe("the cache device", () => {
  test("is the one that docker-cache:device names, else /dev/sdf", () => {
    expect([wanted().deviceName, wanted({ [TAG.device]: "/dev/sdg" }).deviceName]).toEqual(["/dev/sdf", "/dev/sdg"]);
  });

  test("is written where it stands; the other devices, and all else, stay as they are", () => {
    const data = {
      ImageId: "ami-1",
      BlockDeviceMappings: [ROOT, { DeviceName: "/dev/sdf", NoDevice: "" }, { DeviceName: "/dev/sdz" }],
    };
    const made = withMapping(data, wanted());
    expect(made).toEqual({
      ImageId: "ami-1",
      BlockDeviceMappings: [ROOT, { DeviceName: "/dev/sdf", Ebs: wanted().ebs }, { DeviceName: "/dev/sdz" }],
    });
    expect(hasMapping(made, wanted())).toBe(true);
  });

  test("is added where there is none, and one of it is enough", () => {
    expect(withMapping({}, wanted()).BlockDeviceMappings).toEqual([{ DeviceName: "/dev/sdf", Ebs: wanted().ebs }]);
    const twice = {
      BlockDeviceMappings: [{ DeviceName: "/dev/sdf", NoDevice: "" }, ROOT, { DeviceName: "/dev/sdf", Ebs: {} }],
    };
    expect(hasMapping(twice, wanted())).toBe(false);
    expect(withMapping(twice, wanted()).BlockDeviceMappings).toEqual([
      { DeviceName: "/dev/sdf", Ebs: wanted().ebs },
      ROOT,
    ]);
  });

  test("is the same with and without /dev/", () => {
    const data = { BlockDeviceMappings: [ROOT, { DeviceName: "/dev/sdf", Ebs: wanted().ebs ?? {} }] };
    const bare = wanted({ [TAG.device]: "sdf" });
    expect(hasMapping(data, bare)).toBe(true);
    expect(withMapping(data, bare).BlockDeviceMappings).toEqual([ROOT, { DeviceName: "sdf", Ebs: bare.ebs }]);
  });

  test("is taken out as no_device; a template without it is left alone", () => {
    const none = { deviceName: "/dev/sdf", ebs: null, former: [] };
    const data = withMapping({ BlockDeviceMappings: [ROOT] }, wanted());
    expect(withMapping(data, none).BlockDeviceMappings).toEqual([ROOT, { DeviceName: "/dev/sdf", NoDevice: "" }]);
    expect([hasMapping(data, none), hasMapping({ BlockDeviceMappings: [ROOT] }, none), hasMapping({}, none)]).toEqual([
      false,
      true,
      true,
    ]);
    const without = { BlockDeviceMappings: [ROOT] };
    expect(withMapping(without, none)).toBe(without);
  });

  test.each<[string, object]>([
    ["another snapshot", { SnapshotId: "snap-2" }],
    ["another size", { VolumeSize: 60 }],
    ["encryption, which EC2 refuses beside a snapshot", { Encrypted: true }],
    ["a key", { KmsKeyId: "key" }],
    ["survival of the instance", { DeleteOnTermination: false }],
  ])("is written anew where it says %s", (_name, change) => {
    const data = { BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { ...wanted().ebs, ...change } }] };
    expect(hasMapping(data, wanted())).toBe(false);
    const [made] = withMapping(data, wanted()).BlockDeviceMappings ?? [];
    expect(Object.keys(made?.Ebs ?? {})).not.toContain("Encrypted");
  });

  test("a mapping of another kind is not what is wanted", () => {
    expect(hasMapping({ BlockDeviceMappings: [{ DeviceName: "/dev/sdf", VirtualName: "ephemeral0" }] }, wanted())).toBe(
      false,
    );
  });
});

describe("a device that was the cache's before the tag docker-cache:device was changed", () => {
  const former: BlockDeviceMapping = { DeviceName: "/dev/sdf", Ebs: { SnapshotId: "snap-0" } };
  const theirs: BlockDeviceMapping = { DeviceName: "/dev/sdz", Ebs: { SnapshotId: "snap-theirs" } };
  const own = new Set(["snap-0", "snap-1"]);
  const renamed = (mappings: readonly BlockDeviceMapping[], promoted: typeof PROMOTED | null = PROMOTED) => {
    const data = { BlockDeviceMappings: mappings };
    const one = template("lt-1", undefined, { tags: { [TAG.device]: "/dev/sdg" }, data });
    return { data, is: wantedMapping(one, promoted ?? undefined, own) };
  };

  test("gives its place to the one that the tag names; a device of theirs stays", () => {
    const { data, is } = renamed([ROOT, former, theirs]);
    expect([is.former, hasMapping(data, is)]).toEqual([["snap-0"], false]);
    const made = withMapping(data, is);
    expect(made.BlockDeviceMappings).toEqual([ROOT, { DeviceName: "/dev/sdg", Ebs: is.ebs }, theirs]);
    expect(hasMapping(made, is)).toBe(true);
  });

  test("is taken out beside the one that the tag names, whatever snapshot of ours it names", () => {
    const present = { DeviceName: "/dev/sdg", Ebs: renamed([]).is.ebs ?? {} };
    for (const one of [former, { DeviceName: "/dev/sdf", Ebs: { SnapshotId: "snap-1" } }]) {
      const { data, is } = renamed([ROOT, one, one, present]);
      expect([is.former.length, hasMapping(data, is)]).toEqual([1, false]);
      expect(withMapping(data, is).BlockDeviceMappings).toEqual([ROOT, present]);
    }
  });

  test("is taken out where nothing is promoted", () => {
    const { data, is } = renamed([ROOT, former], null);
    expect(hasMapping(data, is)).toBe(false);
    expect(withMapping(data, is).BlockDeviceMappings).toEqual([ROOT, { DeviceName: "/dev/sdg", NoDevice: "" }]);
  });
});
