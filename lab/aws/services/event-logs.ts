/** Log groups as targets of rules: EventBridge writes as itself, if a resource policy of CloudWatch Logs lets it. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";
import type { Aws } from "../handler";
import type { LogWrite } from "../hooks";
import type { Wake } from "./event-bridge";

interface Line {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

/**
 * Writes what a rule has for a log group, and tells the listeners of `LogLine`. What AWS would drop is told to them as refused, and to
 * nobody else. So is a line whose template makes no JSON, since nobody escapes the values of an event: what AWS does with it is not
 * known, and losing it is the strict reading. Whether the policy allows it is for the listeners of `WriteLog`.
 */
export async function writeLogLine(aws: Aws, wake: Wake): Promise<void> {
  const { target, ruleArn } = wake;
  const [, , , region = "", , , logGroup = ""] = target.Arn.split(":");
  const place = { region, logGroup, ruleArn };
  const line = lineOf(wake);
  if (typeof line === "string") return aws.hooks.raise("LogLine", { ...place, refusal: line });
  const refusal = await write(aws, { ...place, partition: aws.partition, logStream: randomUUID() }, line);
  await aws.hooks.raise("LogLine", { ...place, message: line.message, refusal });
}

/** The line, or the reason for which there is none. Without a transformer it is the event. */
function lineOf({ target, event, input }: Wake): Line | string {
  if (!target.InputTransformer) return { timestamp: Date.parse(event.time), message: input() };
  let made: { readonly timestamp?: unknown; readonly message?: unknown };
  try {
    made = JSON.parse(input());
  } catch (error) {
    return (error as Error).message;
  }
  const { timestamp, message } = made;
  if (typeof message !== "string" || message === "") return `message is no text: ${JSON.stringify(message)}`;
  const at = typeof timestamp === "string" && TIME.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(at) ? `timestamp is no time: ${JSON.stringify(timestamp)}` : { timestamp: at, message };
}

/** An event's own time; other notations that CloudWatch Logs may take are not known. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Returns the reason for which a line is not written, or undefined if it is. */
async function write(aws: Aws, at: LogWrite, line: Line): Promise<string | undefined> {
  const { region, logGroup: logGroupName, logStream: logStreamName } = at;
  const logs = (action: string, input: object) => aws.moto({ service: "logs", action, region }, input);
  try {
    await aws.hooks.raise("WriteLog", at);
    await logs("CreateLogStream", { logGroupName, logStreamName });
    await logs("PutLogEvents", { logGroupName, logStreamName, logEvents: [line] });
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
