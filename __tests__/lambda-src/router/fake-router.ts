/** The router over a region in memory: its real adapters, and functions that take hints or do not exist. */
import type { InvokeCommandInput } from "@aws-sdk/client-lambda";
import { carryOut } from "../../../lab/fake/aws";
import { NOW } from "../../../lab/fake/example-state";
import { awsError, createFakeAws, type FakeAws } from "../../../lab/fake/region";
import { awsPorts, type RouterClients } from "../../../lambda-src/router/aws";
import { createHandler } from "../../../lambda-src/router/router.lambda";

export interface FakeRouter {
  readonly fake: FakeAws;
  /** Functions that take hints. */
  readonly functions: Set<string>;
  /** Hints that functions got, oldest first. */
  readonly hints: { functionName: string; input: InvokeCommandInput }[];
  /** Thrown by the next invocation of the function of this name. */
  readonly faults: Map<string, Error>;
  readonly handler: ReturnType<typeof createHandler>;
  /** Another environment of the same function. */
  anotherEnvironment(): ReturnType<typeof createHandler>;
}

export function fakeRouter(functions: readonly string[]): FakeRouter {
  // EC2 answers a call without a page size whole.
  const fake = createFakeAws("eu-west-1", { pageSize: Number.POSITIVE_INFINITY });
  const router = { fake, functions: new Set(functions), hints: [] as FakeRouter["hints"], faults: new Map() };
  const clients = {
    ec2: {
      send: async (command: { constructor: { name: string }; input: object }) =>
        carryOut(fake, command.constructor.name, command.input),
    },
    lambda: {
      send: async ({ input }: { input: InvokeCommandInput }) => {
        const functionName = input.FunctionName ?? "";
        const fault = router.faults.get(functionName);
        router.faults.delete(functionName);
        if (fault) throw fault;
        if (!router.functions.has(functionName)) throw awsError("ResourceNotFoundException");
        router.hints.push({ functionName, input });
        return { StatusCode: 202 };
      },
    },
  } as unknown as RouterClients;
  const anotherEnvironment = () => createHandler(awsPorts(clients, () => fake.now));
  return { ...router, handler: anotherEnvironment(), anotherEnvironment };
}

let made = 0;

/** A completed snapshot that bears these tags; its id. */
export function addSnapshot(fake: FakeAws, tags: Readonly<Record<string, string>> = {}): string {
  const id = `snap-0${(made++).toString(16).padStart(8, "0")}`;
  const common = { volumeId: "vol-0c", sizeGib: 50, startTime: NOW, completesAt: NOW, failed: false, archived: false };
  fake.snapshots.set(id, { id, ...common, visibleAt: 0, tags: { ...tags } });
  return id;
}

/** What SQS hands over: the events that these snapshots have completed. */
export function batchOf(ids: readonly string[]) {
  return {
    Records: ids.map((id) => ({
      eventSource: "aws:sqs",
      body: JSON.stringify({
        source: "aws.ec2",
        "detail-type": "EBS Snapshot Notification",
        detail: { event: "createSnapshot", result: "succeeded", snapshot_id: `arn:aws:ec2::eu-west-1:snapshot/${id}` },
      }),
    })),
  };
}
