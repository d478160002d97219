/** The example for a template of the user's own: planned around two promotions, its user data as EC2 gives it. */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { DescribeLaunchTemplateVersionsCommand } from "@aws-sdk/client-ec2";
import { USER_DATA_MAXIMUM_BYTES } from "../../lib/userdata/render";
import { parseMime } from "../lib/userdata/mime";
import { type Example, startExample } from "./example";

jest.setTimeout(1_800_000);

let example: Example;
let template: string;

beforeAll(async () => {
  example = await startExample("examples/existing-template");
  await example.apply();
  template = String((await example.outputs()).launch_template_id);
});
afterAll(() => example?.stop());

test("before the first promotion the cache device is empty and the plan too", async () => {
  expect(await example.snapshotsInTemplate(template)).toEqual([]);
  expect(await example.changes()).toBeUndefined();
});

test("every promotion reaches the template, and no plan shows it", async () => {
  for (const content of ["one", "two"]) {
    const snapshot = await example.promote(content);
    expect(await example.snapshotsInTemplate(template)).toEqual([snapshot]);
    expect(await example.changes()).toBeUndefined();
  }
});

test("the mapping has IOPS, throughput and rate, as the tags ask for them", async () => {
  const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template, Versions: ["$Default"] });
  const data = (await example.ec2.send(command)).LaunchTemplateVersions?.[0]?.LaunchTemplateData;
  expect(data?.BlockDeviceMappings?.[1]?.Ebs).toMatchObject({
    Iops: 4000,
    Throughput: 250,
    VolumeInitializationRate: 200,
  });
});

test("user data that is too long is refused by the plan, with the bytes that are too many", async () => {
  const script = join(example.folder, "register-runner.sh");
  const own = readFileSync(script, "utf8");
  const { length } = gzipSync(own);
  writeFileSync(script, `${own}: ${randomBytes(USER_DATA_MAXIMUM_BYTES).toString("base64")}\n`);
  const [, bytes] =
    /User data is (\d+) bytes too long for EC2/.exec(await example.changes().then(String, String)) ?? [];
  writeFileSync(script, own);
  // Random bytes in base64 compress to little more than the bytes; what is ours comes on top.
  expect(Number(bytes)).toBeGreaterThan(10_000);
  expect(Number(bytes)).toBeLessThan(USER_DATA_MAXIMUM_BYTES + length);
});

test("its user data has the cache's part first and the user's own behind it", async () => {
  const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template, Versions: ["$Default"] });
  const data = (await example.ec2.send(command)).LaunchTemplateVersions?.[0]?.LaunchTemplateData;
  const bytes = Buffer.from(data?.UserData ?? "", "base64");
  expect(bytes.byteLength).toBeLessThanOrEqual(USER_DATA_MAXIMUM_BYTES);
  const [hook, own, ...others] = parseMime(gunzipSync(bytes).toString());
  expect(others).toEqual([]);
  expect(hook).toMatchObject({ type: "text/cloud-boothook", filename: "docker-cache-early" });
  expect(hook!.content).toMatch(/^#!\/bin\/bash\nexport CACHE_NAME=/);
  const script = readFileSync("examples/existing-template/register-runner.sh", "utf8");
  expect(own).toEqual({ type: "text/x-shellscript", filename: "register-runner", content: script });
});

test("is destroyed", async () => {
  await example.destroy();
});
