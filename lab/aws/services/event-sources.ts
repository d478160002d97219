/**
 * Lambda's event source mappings: queues whose messages a function gets. They are kept here alone: moto would run the function in a
 * container as soon as a message arrives. {@link pollQueue} does what Lambda's pollers do.
 */
import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";
import type { Aws, Call, Handlers } from "../handler";
import type { EventSourceMapping } from "../state";
import { functionArn } from "./lambda-invocations";

/** Most messages that one ReceiveMessage gives. */
const RECEIVED = 10;

type Input = Partial<Omit<EventSourceMapping, "State">> & {
  readonly FunctionName?: string;
  readonly Enabled?: boolean;
};

async function create(input: Input, call: Call): Promise<EventSourceMapping> {
  const UUID = randomUUID();
  const { aws, region } = call;
  const made: EventSourceMapping = {
    UUID,
    EventSourceMappingArn: `arn:${aws.partition}:lambda:${region}:${aws.accountId}:event-source-mapping:${UUID}`,
    EventSourceArn: input.EventSourceArn ?? "",
    FunctionArn: await functionArn(call, input.FunctionName ?? ""),
    State: input.Enabled === false ? "Disabled" : "Enabled",
    BatchSize: input.BatchSize ?? RECEIVED,
    MaximumBatchingWindowInSeconds: input.MaximumBatchingWindowInSeconds ?? 0,
    ScalingConfig: input.ScalingConfig,
    Tags: input.Tags ?? {},
  };
  call.state.eventSourceMappings[UUID] = made;
  return made;
}

function find({ UUID = "" }: Input, { state }: Call): EventSourceMapping {
  const found = state.eventSourceMappings[UUID];
  if (!found) throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404);
  return found;
}

function update(input: Input, call: Call): EventSourceMapping {
  const found = find(input, call);
  const given = Object.fromEntries(Object.entries(input).filter(([key, value]) => key in found && value !== undefined));
  const State = input.Enabled === undefined ? found.State : input.Enabled ? "Enabled" : "Disabled";
  const changed = { ...found, ...given, State } as EventSourceMapping;
  call.state.eventSourceMappings[found.UUID] = changed;
  return changed;
}

function remove(input: Input, call: Call): EventSourceMapping {
  const found = find(input, call);
  delete call.state.eventSourceMappings[found.UUID];
  return found;
}

/** Tags of functions are moto's. */
function tagged<Given extends { Resource?: string }>(act: (mapping: EventSourceMapping, input: Given) => unknown) {
  return (input: Given, call: Call) => {
    const UUID = /:event-source-mapping:(.+)$/.exec(input.Resource ?? "")?.[1];
    return UUID === undefined ? call.forward(input) : act(find({ UUID }, call), input);
  };
}

/** The handlers of this file. */
export const eventSourceHandlers: Handlers = {
  "lambda:CreateEventSourceMapping": create,
  "lambda:GetEventSourceMapping": find,
  "lambda:UpdateEventSourceMapping": update,
  "lambda:DeleteEventSourceMapping": remove,
  "lambda:ListTags": tagged(({ Tags }) => ({ Tags })),
  "lambda:TagResource": tagged<{ Resource?: string; Tags?: Record<string, string> }>((mapping, { Tags }) => {
    Object.assign(mapping.Tags, Tags);
    return {};
  }),
  "lambda:UntagResource": tagged<{ Resource?: string; TagKeys?: string[] }>(({ Tags }, { TagKeys = [] }) => {
    for (const key of TagKeys) delete (Tags as Record<string, string>)[key];
    return {};
  }),
};

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
}

/** What a function gets of a queue. */
export interface QueueBatch {
  readonly Records: readonly Readonly<Record<string, unknown>>[];
}

/** URL of a queue by its ARN. */
async function urlOf(aws: Aws, region: string, queueArn: string): Promise<string> {
  const target = { service: "sqs", action: "GetQueueUrl", region };
  const QueueName = queueArn.split(":").at(-1);
  return (await aws.moto<{ QueueUrl: string }>(target, { QueueName })).QueueUrl;
}

/** Puts a message into a queue, as EventBridge does with an event. */
export async function sendTo(aws: Aws, region: string, queueArn: string, message: unknown): Promise<void> {
  const QueueUrl = await urlOf(aws, region, queueArn);
  await aws.moto({ service: "sqs", action: "SendMessage", region }, { QueueUrl, MessageBody: JSON.stringify(message) });
}

/**
 * Gives all messages that lie in a queue to the function that is mapped to it, in batches. What the function does without an error is deleted;
 * the rest stays, as it does on AWS until it is seen again.
 *
 * @param accessKeyId a key of the function's role, in whose name Lambda polls
 * @param run runs the function; false if it fails
 */
export async function pollQueue(
  aws: Aws,
  mapping: EventSourceMapping,
  accessKeyId: string,
  run: (batch: QueueBatch) => Promise<boolean>,
): Promise<void> {
  const region = mapping.EventSourceArn.split(":")[3] ?? "";
  const QueueUrl = await urlOf(aws, region, mapping.EventSourceArn);
  const sqs = <Output>(action: string, input: object) =>
    aws.call<Output>({ service: "sqs", action, region, accessKeyId }, { QueueUrl, ...input });
  for (;;) {
    const batch: Message[] = [];
    while (batch.length < mapping.BatchSize) {
      const MaxNumberOfMessages = Math.min(RECEIVED, mapping.BatchSize - batch.length);
      const { Messages = [] } = await sqs<{ Messages?: Message[] }>("ReceiveMessage", { MaxNumberOfMessages });
      if (Messages.length === 0) break;
      batch.push(...Messages);
    }
    if (batch.length === 0) return;
    const done = await run({ Records: batch.map((message) => recordOf(message, mapping, region)) });
    for (const { ReceiptHandle } of done ? batch : []) await sqs("DeleteMessage", { ReceiptHandle });
  }
}

function recordOf({ MessageId, ReceiptHandle, Body }: Message, { EventSourceArn }: EventSourceMapping, region: string) {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {},
    messageAttributes: {},
    eventSource: "aws:sqs",
    eventSourceARN: EventSourceArn,
    awsRegion: region,
  };
}
