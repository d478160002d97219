import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { type Emulated, errorOf, startEmulated } from "../emulated";

const KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";

let aws: Emulated;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  aws = await startEmulated();
  logs = new CloudWatchLogsClient(aws.config());
}, 120_000);
afterAll(() => aws?.stop());

async function keyOf(logGroupName: string): Promise<string | undefined> {
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
  return logGroups?.[0]?.kmsKeyId;
}

test("a log group gets a key, loses it, and a new one of its name has none", async () => {
  const logGroupName = "/ours";
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId: KEY }));
  expect(await keyOf(logGroupName)).toBe(KEY);
  await logs.send(new DisassociateKmsKeyCommand({ logGroupName }));
  expect(await keyOf(logGroupName)).toBeUndefined();
  await logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId: KEY }));
  await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  expect(await keyOf(logGroupName)).toBeUndefined();
});

test("a group that is not there gets none", async () => {
  expect(await errorOf(logs.send(new AssociateKmsKeyCommand({ logGroupName: "/none", kmsKeyId: KEY })))).toBe(
    "ResourceNotFoundException",
  );
});
