/** The router's calls on real AWS: the only file of it that imports the SDK. */
import { DescribeSnapshotsCommand, EC2Client, type Snapshot } from "@aws-sdk/client-ec2";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { HINT_ALIAS, TAG } from "../../lib/contract";
import type { MarkedSnapshot, RouterPorts } from "./ports";

/** Few: what is given up here comes back with the queue, and each attempt counts against the account's rate. */
const MAX_ATTEMPTS = 3;
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

export interface RouterClients {
  readonly ec2: Pick<EC2Client, "send">;
  readonly lambda: Pick<LambdaClient, "send">;
}

export function createClients(region: string | undefined): RouterClients {
  const options = { region, maxAttempts: MAX_ATTEMPTS, requestHandler: TIMEOUTS };
  return { ec2: new EC2Client(options), lambda: new LambdaClient(options) };
}

export function awsPorts(clients: RouterClients, now: () => number = Date.now): RouterPorts {
  return {
    now,
    async listMarked(ids) {
      const Filters = [
        { Name: "snapshot-id", Values: [...ids] },
        { Name: "tag-key", Values: [TAG.name] },
      ];
      // No page size: EC2 counts what it looks at, not what it returns, and would answer in empty pages, each a call of its own.
      const { Snapshots } = await clients.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"], Filters }));
      return (Snapshots ?? []).map(toMarked);
    },
    async hint(functionName, hint) {
      const Payload = JSON.stringify(hint);
      const invocation = {
        FunctionName: functionName,
        Qualifier: HINT_ALIAS,
        InvocationType: "Event",
        Payload,
      } as const;
      try {
        await clients.lambda.send(new InvokeCommand(invocation));
        return true;
      } catch (error) {
        if ((error as Error).name === "ResourceNotFoundException") return false;
        throw error;
      }
    },
  };
}

function toMarked({ SnapshotId = "", Tags = [] }: Snapshot): MarkedSnapshot {
  return { id: SnapshotId, tags: Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value])) };
}
