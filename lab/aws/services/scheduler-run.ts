/** Runs EventBridge Scheduler's schedules when they are due: moto stores schedules and never runs them. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";
import type { Aws } from "../handler";
import { assumeRole } from "./assume-role";

/** A schedule as GetSchedule shows it, as far as running it goes. */
interface Schedule {
  readonly Arn: string;
  readonly State?: "ENABLED" | "DISABLED";
  readonly Target: {
    readonly Arn: string;
    readonly RoleArn: string;
    readonly Input?: string;
    readonly DeadLetterConfig?: { readonly Arn?: string };
  };
}

/** A schedule that is due. */
export interface DueSchedule {
  readonly region: string;
  readonly name: string;
  /** @default "default" */
  readonly groupName?: string;
  /** The time that the schedule names: the same for every attempt. @default - the lab's now */
  readonly scheduledTime?: Date;
  /** @default 1 */
  readonly attempt?: number;
}

const UNIVERSAL_TARGET = /^arn:[^:]+:scheduler:::aws-sdk:([a-z0-9]+):([a-zA-Z]+)$/;

/**
 * Runs a schedule once: calls its universal target in the name of its role with the stored input. The context attributes
 * `<aws.scheduler.*>` in it are replaced. A call that fails goes to the dead-letter queue, if there is one, and is thrown.
 * Retries are the caller's: the same `scheduledTime`, another `attempt`.
 *
 * @returns the target's answer, or undefined if the schedule is disabled
 */
export async function runSchedule(aws: Aws, due: DueSchedule): Promise<unknown> {
  const { region, name, groupName } = due;
  const request = { Name: name, GroupName: groupName };
  const schedule = await aws.call<Schedule>({ service: "scheduler", action: "GetSchedule", region }, request);
  if (schedule.State === "DISABLED") return undefined;
  const input = fillIn(schedule, due, due.scheduledTime ?? aws.now());
  const accessKeyId = await keyOf(aws, region, schedule);
  try {
    return await callTarget(aws, { region, accessKeyId }, schedule, input);
  } catch (error) {
    await sendToDeadLetterQueue(aws, { region, accessKeyId }, schedule, input, error as Error);
    throw error;
  }
}

/** Key and region with which a target is called. */
interface Caller {
  readonly region: string;
  readonly accessKeyId: string;
}

/** A key of the schedule's role; its trust policy is asked about the schedule's group. */
async function keyOf(aws: Aws, region: string, { Arn, Target }: Schedule): Promise<string> {
  const sourceArn = Arn.replace(/:schedule\/([^/]+)\/.*$/, ":schedule-group/$1");
  const role = { roleArn: Target.RoleArn, service: "scheduler", sourceArn };
  return (await assumeRole(aws, region, role)).AccessKeyId;
}

/** The input with Scheduler's context attributes, a plain replacement in the text. */
function fillIn({ Arn, Target }: Schedule, due: DueSchedule, scheduledTime: Date): string {
  const values: Record<string, string> = {
    "<aws.scheduler.schedule-arn>": Arn,
    "<aws.scheduler.scheduled-time>": `${scheduledTime.toISOString().slice(0, 19)}Z`,
    "<aws.scheduler.execution-id>": randomUUID(),
    "<aws.scheduler.attempt-number>": String(due.attempt ?? 1),
  };
  return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(name, value), Target.Input ?? "{}");
}

async function callTarget(aws: Aws, caller: Caller, { Target }: Schedule, input: string): Promise<unknown> {
  const [, service, action = ""] = UNIVERSAL_TARGET.exec(Target.Arn) ?? [];
  if (!service) throw new Error(`only universal targets are run; found the target ${Target.Arn}`);
  const name = action.charAt(0).toUpperCase() + action.slice(1);
  const parameters = JSON.parse(input) as Record<string, unknown>;
  aws.checkInput(service, name, parameters);
  return aws.call({ service, action: name, ...caller }, parameters);
}

/** In the role's name, too: the role must be allowed to send to the queue. */
async function sendToDeadLetterQueue(aws: Aws, caller: Caller, schedule: Schedule, input: string, error: Error) {
  const arn = schedule.Target.DeadLetterConfig?.Arn;
  if (!arn) return;
  const queue = { service: "sqs", action: "GetQueueUrl", region: caller.region };
  const { QueueUrl } = await aws.moto<{ QueueUrl: string }>(queue, { QueueName: arn.split(":").at(-1) });
  const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
  await aws.call(
    { service: "sqs", action: "SendMessage", ...caller },
    {
      QueueUrl,
      MessageBody: input,
      MessageAttributes: {
        ERROR_CODE: attribute(error instanceof AwsError ? error.code : "InternalFailure"),
        ERROR_MESSAGE: attribute(error.message),
        TARGET_ARN: attribute(schedule.Target.Arn),
        SCHEDULE_ARN: attribute(schedule.Arn),
      },
    },
  );
}
