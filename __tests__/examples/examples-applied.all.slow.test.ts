/** The smaller examples, each applied, planned again, served with a snapshot, and destroyed, with the rights that its README names. */
import { readFileSync } from "node:fs";
import { DeleteSubnetCommand, DeleteVpcCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { iamAction } from "../../lab/iam/demands";
import { allowedActions, readPolicy } from "../docs/policies/iam";
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

/** What the deploy policies allow, and what needs no permission. */
const allowed = new Set([
  "sts:GetCallerIdentity",
  ...["builder", "rotation", "worker"].flatMap((noun) => [...allowedActions(readPolicy(`deploy-${noun}`))]),
]);

/** Runs Terraform, and returns the actions that it called and nobody allows: neither a deploy policy nor the README. */
async function unnamedActions({ aws }: Example, name: string, run: () => Promise<void>): Promise<string[]> {
  const called = new Set<string>();
  const stop = aws.hooks.on("Request", (call) => void called.add(iamAction(call)));
  await run();
  stop();
  const text = readFileSync(`examples/${name}/README.md`, "utf8");
  return [...called].filter((action) => !allowed.has(action) && !text.includes(`\`${action}\``));
}

test.each([
  { name: "private-subnets", before: deleteDefaultVpc },
  { name: "customer-key" },
  { name: "two-regions" },
  { name: "spot" },
  { name: "ecr-same-run" },
])(
  "$name: by its README's rights, a second plan is empty, after a promotion too, and it goes",
  async ({ name, before }) => {
    const example = await startExample(`examples/${name}`);
    try {
      await before?.(example);
      const applying = async () => {
        await example.apply();
        expect(await example.changes()).toBeUndefined();
      };
      expect(await unnamedActions(example, name, applying)).toEqual([]);
      const snapshot = await example.promote("one");
      const template = String((await example.outputs()).launch_template_id);
      expect(await example.snapshotsInTemplate(template)).toEqual([snapshot]);
      expect(await example.changes()).toBeUndefined();
      expect(await unnamedActions(example, name, example.destroy)).toEqual([]);
    } finally {
      await example.stop();
    }
  },
);
