/** The smaller examples, each applied, planned again, served with a snapshot, and destroyed. */
import { DeleteSubnetCommand, DeleteVpcCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { type Example, startExample } from "./example";

jest.setTimeout(1_800_000);

/** As in an account whose default VPC somebody has deleted. */
async function deleteDefaultVpc({ ec2 }: Example): Promise<void> {
  const Filters = [{ Name: "default-for-az", Values: ["true"] }];
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
  for (const { SubnetId } of Subnets) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
  const vpcs = new Set(Subnets.map(({ VpcId }) => VpcId));
  expect(vpcs.size).toBe(1);
  for (const VpcId of vpcs) await ec2.send(new DeleteVpcCommand({ VpcId }));
}

test.each([
  { name: "private-subnets", before: deleteDefaultVpc },
  { name: "customer-key" },
  { name: "two-regions" },
  { name: "spot" },
  { name: "ecr-same-run" },
])("$name: a second plan is empty, also after a promotion, and it goes", async ({ name, before }) => {
  const example = await startExample(`examples/${name}`);
  try {
    await before?.(example);
    await example.apply();
    expect(await example.changes()).toBeUndefined();
    const snapshot = await example.promote("one");
    const template = String((await example.outputs()).launch_template_id);
    expect(await example.snapshotsInTemplate(template)).toEqual([snapshot]);
    expect(await example.changes()).toBeUndefined();
    await example.destroy();
  } finally {
    await example.stop();
  }
});
