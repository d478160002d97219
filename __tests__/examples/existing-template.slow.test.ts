/** The example for a template of the user's own: planned around two promotions, its user data as EC2 gives it. */
import { DescribeLaunchTemplateVersionsCommand } from "@aws-sdk/client-ec2";
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

test("its user data has the cache's part first and the user's own behind it", async () => {
  const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template, Versions: ["$Default"] });
  const data = (await example.ec2.send(command)).LaunchTemplateVersions?.[0]?.LaunchTemplateData;
  const text = Buffer.from(data?.UserData ?? "", "base64").toString("utf8");
  const parts = text.split(/^--part(?:--)?$/m).slice(1, 3);
  const bodies = parts.map((part) => Buffer.from(part.split("\n\n")[1] ?? "", "base64").toString("utf8"));
  expect(bodies[0]).toMatch(/^#!\/bin\/bash\nexport CACHE_NAME=/);
  expect(bodies[1]).toContain("docker info");
  expect(text.length).toBeLessThanOrEqual(16_384);
});

test("is destroyed", async () => {
  await example.destroy();
});
