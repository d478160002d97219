/** Aliases, rules for asynchronous invocations, invocations that nobody waits for, and queues whose messages a function gets. */
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetAliasCommand,
  GetEventSourceMappingCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListTagsCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import type { AcceptedInvocation } from "../../../../lab/aws/hooks";
import { pollQueue, type QueueBatch, sendTo } from "../../../../lab/aws/services/event-sources";
import { zipOf } from "../../../../lib/zip";
import { type Emulated, errorOf, REGION, startEmulated } from "../emulated";

const FUNCTION = "sorter";
const ARN = `arn:aws:lambda:${REGION}:123456789012:function:${FUNCTION}`;
let aws: Emulated;
let lambda: LambdaClient;
beforeAll(async () => {
  aws = await startEmulated();
  lambda = new LambdaClient(aws.config());
  const iam = { service: "iam", action: "CreateRole", region: "us-east-1" };
  const { Role } = await aws.aws.call<{ Role: { Arn: string } }>(iam, {
    RoleName: "r",
    AssumeRolePolicyDocument: "{}",
  });
  const Code = { ZipFile: zipOf({ "index.js": "exports.handler = async () => {};\n" }) };
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: FUNCTION,
      Role: Role.Arn,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code,
    }),
  );
}, 120_000);
afterAll(() => aws?.stop());

test("an alias is made, read, changed and deleted", async () => {
  const alias = { FunctionName: FUNCTION, Name: "live" };
  const made = await lambda.send(new CreateAliasCommand({ ...alias, FunctionVersion: "$LATEST", Description: "a" }));
  expect(made).toMatchObject({ AliasArn: `${ARN}:live`, Name: "live", FunctionVersion: "$LATEST", Description: "a" });
  expect(await errorOf(lambda.send(new CreateAliasCommand({ ...alias, FunctionVersion: "$LATEST" })))).toBe(
    "ResourceConflictException",
  );
  await lambda.send(new UpdateAliasCommand({ ...alias, Description: "b" }));
  expect(await lambda.send(new GetAliasCommand(alias))).toMatchObject({ FunctionVersion: "$LATEST", Description: "b" });
  await lambda.send(new DeleteAliasCommand(alias));
  expect(await errorOf(lambda.send(new GetAliasCommand(alias)))).toBe("ResourceNotFoundException");
});

test("a function and its alias have rules of their own", async () => {
  const own = { FunctionName: FUNCTION };
  const alias = { FunctionName: FUNCTION, Qualifier: "hint" };
  const destination = { OnFailure: { Destination: `arn:aws:sqs:${REGION}:123456789012:dead` } };
  await lambda.send(new PutFunctionEventInvokeConfigCommand({ ...own, DestinationConfig: destination }));
  await lambda.send(new PutFunctionEventInvokeConfigCommand({ ...alias, MaximumRetryAttempts: 0 }));
  const read = async (which: typeof own) => lambda.send(new GetFunctionEventInvokeConfigCommand(which));
  expect(await read(own)).toMatchObject({ FunctionArn: `${ARN}:$LATEST`, DestinationConfig: destination });
  expect(await read(alias)).toMatchObject({ FunctionArn: `${ARN}:hint`, MaximumRetryAttempts: 0 });
  await lambda.send(new DeleteFunctionEventInvokeConfigCommand(alias));
  expect(await errorOf(read(alias))).toBe("ResourceNotFoundException");
  expect(await read(own)).toMatchObject({ DestinationConfig: destination });
});

test("an alias has a policy of its own", async () => {
  await lambda.send(new CreateAliasCommand({ FunctionName: FUNCTION, Name: "open", FunctionVersion: "$LATEST" }));
  const alias = { FunctionName: FUNCTION, Qualifier: "open" };
  const permission = { Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com", SourceArn: "arn:rule" };
  await lambda.send(new AddPermissionCommand({ ...alias, ...permission, StatementId: "a" }));
  const { Policy = "" } = await lambda.send(new GetPolicyCommand(alias));
  expect(JSON.parse(Policy).Statement).toEqual([
    expect.objectContaining({
      Sid: "a",
      Resource: `${ARN}:open`,
      Condition: { ArnLike: { "AWS:SourceArn": "arn:rule" } },
    }),
  ]);
  expect(await errorOf(lambda.send(new GetPolicyCommand({ FunctionName: FUNCTION })))).toBe(
    "ResourceNotFoundException",
  );
  await lambda.send(new RemovePermissionCommand({ ...alias, StatementId: "a" }));
  expect(await errorOf(lambda.send(new GetPolicyCommand(alias)))).toBe("ResourceNotFoundException");
});

test("an invocation that nobody waits for is told of; a function or an alias that is not there is an error", async () => {
  await lambda.send(new CreateAliasCommand({ FunctionName: FUNCTION, Name: "hint", FunctionVersion: "$LATEST" }));
  const accepted: AcceptedInvocation[] = [];
  const stop = aws.hooks.on("Invoke", (invocation) => void accepted.push(invocation));
  const invoke = (FunctionName: string, Qualifier: string) =>
    lambda.send(
      new InvokeCommand({ FunctionName, Qualifier, InvocationType: "Event", Payload: JSON.stringify({ hint: ["a"] }) }),
    );
  await invoke(FUNCTION, "hint");
  expect(await errorOf(invoke(FUNCTION, "other"))).toBe("ResourceNotFoundException");
  expect(await errorOf(invoke("nobody", "hint"))).toBe("ResourceNotFoundException");
  stop();
  expect(accepted).toEqual([{ region: REGION, functionName: FUNCTION, qualifier: "hint", event: { hint: ["a"] } }]);
});

test("a function gets a queue's messages in batches; what it cannot do stays in the queue", async () => {
  const sqs = { service: "sqs", action: "CreateQueue", region: REGION };
  await aws.aws.call(sqs, { QueueName: "events" });
  const EventSourceArn = `arn:aws:sqs:${REGION}:123456789012:events`;
  const { UUID = "", EventSourceMappingArn: Resource = "" } = await lambda.send(
    new CreateEventSourceMappingCommand({ FunctionName: FUNCTION, EventSourceArn, BatchSize: 100, Tags: { a: "b" } }),
  );
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 12 }));
  const mapping = aws.aws.state(REGION).eventSourceMappings[UUID];
  expect(await lambda.send(new GetEventSourceMappingCommand({ UUID }))).toMatchObject({
    FunctionArn: ARN,
    BatchSize: 12,
    State: "Enabled",
  });
  await lambda.send(new TagResourceCommand({ Resource, Tags: { c: "d" } }));
  await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["a"] }));
  expect((await lambda.send(new ListTagsCommand({ Resource }))).Tags).toEqual({ c: "d" });

  for (let number = 0; number < 15; number++) await sendTo(aws.aws, REGION, EventSourceArn, { number });
  const batches: QueueBatch[] = [];
  await pollQueue(aws.aws, mapping!, "test", async (batch) => batches.push(batch) > 1);
  expect(batches.map(({ Records }) => Records.length)).toEqual([12, 3]);
  expect(JSON.parse(String(batches[0]?.Records[0]?.body))).toHaveProperty("number");
  // After the visibility time-out, moto's 30 seconds, the first batch is seen again.
  await aws.pass(31);
  await pollQueue(aws.aws, mapping!, "test", async (batch) => batches.push(batch) > 1);
  expect(batches.map(({ Records }) => Records.length)).toEqual([12, 3, 12]);

  await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  expect(await errorOf(lambda.send(new GetEventSourceMappingCommand({ UUID })))).toBe("ResourceNotFoundException");
});
