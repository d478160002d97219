import { fakePorts } from "../../../../lab/fake/aws";
import { SETTINGS } from "../../../../lab/fake/example-state";
import { awsError, type FakeAws } from "../../../../lab/fake/region";
import { addVersion } from "../../../../lab/fake/templates";
import { MINUTE, region, templateSnapshot } from "../../../../lab/fake/world";
import { writeTemplate } from "../../../../lambda-src/rotation/apply/write-template";
import { readState } from "../../../../lambda-src/rotation/read/read";
import type { WantedMapping } from "../../../../lambda-src/rotation/types";

const WANTED: WantedMapping = { deviceName: "/dev/sdf", ebs: { SnapshotId: "snap-1", VolumeSize: 50 }, former: [] };

async function setUp() {
  const fake = region(SETTINGS);
  const [template] = (await readState(fakePorts(fake), SETTINGS)).launchTemplates;
  if (!template) throw new Error("no template");
  return { fake, template };
}
const versions = (fake: FakeAws) => fake.templates.get("lt-worker")?.versions ?? [];

test("a new version of $Latest, whole, which becomes the default", async () => {
  const { fake, template } = await setUp();
  await writeTemplate(template, WANTED, fakePorts(fake));
  expect(versions(fake)).toHaveLength(2);
  expect(versions(fake)[1]?.data).toMatchObject({
    ImageId: "resolve:ssm:/an/image",
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda" }, { Ebs: WANTED.ebs }],
  });
  expect(fake.templates.get("lt-worker")?.defaultVersion).toBe(2);
});

test("repeated, it makes no second version", async () => {
  const { fake, template } = await setUp();
  await writeTemplate(template, WANTED, fakePorts(fake));
  await writeTemplate(template, WANTED, fakePorts(fake));
  expect(versions(fake)).toHaveLength(2);
});

test("a version that Terraform wrote in between is kept: ours is made again from it", async () => {
  const { fake, template } = await setUp();
  addVersion(
    fake,
    "lt-worker",
    { ImageId: "ami-new", BlockDeviceMappings: [{ DeviceName: "/dev/sdf", NoDevice: "" }] },
    "new image",
  );
  await writeTemplate(template, WANTED, fakePorts(fake));
  expect(versions(fake).at(-1)).toMatchObject({ number: 4, description: "new image", data: { ImageId: "ami-new" } });
  expect(templateSnapshot(fake, "default")).toBe("snap-1");
});

test("a version in between that says the same needs no repetition", async () => {
  const { fake, template } = await setUp();
  addVersion(fake, "lt-worker", { ...template.data, BlockDeviceMappings: versions(fake)[0]?.data.BlockDeviceMappings });
  await writeTemplate(template, WANTED, fakePorts(fake));
  expect(versions(fake)).toHaveLength(3);
  expect(fake.templates.get("lt-worker")?.defaultVersion).toBe(3);
});

test("a version in between that was deleted again is not waited for long", async () => {
  const { fake, template } = await setUp();
  addVersion(fake, "lt-worker", {});
  fake.templates.get("lt-worker")?.versions.pop();
  const before = fake.now;
  await writeTemplate(template, WANTED, fakePorts(fake));
  expect([templateSnapshot(fake, "default"), fake.now - before]).toEqual(["snap-1", 90_000]);
});

test("somebody who writes all the time: it gives up and says so", async () => {
  const { fake, template } = await setUp();
  const ports = fakePorts(fake);
  let image = 0;
  const busy = {
    ...ports,
    createVersion: (...args: Parameters<typeof ports.createVersion>) => {
      addVersion(fake, "lt-worker", { ImageId: `ami-${image++}` });
      return ports.createVersion(...args);
    },
  };
  await expect(writeTemplate(template, WANTED, busy)).rejects.toThrow(
    /lt-worker was written by others 3 times in a row/,
  );
});

test("EC2 that does not know the new version yet is asked again for a while, then it is an error", async () => {
  const { fake, template } = await setUp();
  fake.staleMilliseconds = MINUTE;
  await writeTemplate(template, WANTED, fakePorts(fake));
  expect(fake.templates.get("lt-worker")?.defaultVersion).toBe(2);
  fake.staleMilliseconds = 10 * MINUTE;
  const other = { ...template, dataVersion: 2 };
  await expect(
    writeTemplate(other, { deviceName: "/dev/sdf", ebs: null, former: [] }, fakePorts(fake)),
  ).rejects.toThrow(/VersionNotFound/);
});

test("an error while looking at the version in between is one", async () => {
  const { fake, template } = await setUp();
  addVersion(fake, "lt-worker", {});
  const ports = { ...fakePorts(fake), listVersions: () => Promise.reject(awsError("UnauthorizedOperation")) };
  await expect(writeTemplate(template, WANTED, ports)).rejects.toThrow("UnauthorizedOperation");
});
