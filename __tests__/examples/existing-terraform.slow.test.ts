/** The example for existing Terraform: applied, promoted, planned again, destroyed. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { type Example, REGION, startExample } from "./example";

jest.setTimeout(1_800_000);

let example: Example;

beforeAll(async () => {
  example = await startExample("examples/existing-terraform");
});
afterAll(() => example?.stop());

test("applies; a second plan is empty", async () => {
  await example.apply();
  expect(await example.changes()).toBeUndefined();
});

test("a promoted snapshot reaches the Auto Scaling group's template, and no plan shows it", async () => {
  const snapshot = await example.promote("one");
  expect(await example.pointer()).toBe(snapshot);
  const client = new AutoScalingClient({
    region: REGION,
    endpoint: example.aws.endpointUrl,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const [group] = (await client.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups ?? [];
  expect(group?.LaunchTemplate?.Version).toBe("$Default");
  expect(await example.snapshotsInTemplate(group?.LaunchTemplate?.LaunchTemplateId ?? "")).toEqual([snapshot]);
  expect(await example.changes()).toBeUndefined();
});

test("is destroyed without leftovers of its own", async () => {
  await example.destroy();
});
