import { CreateLaunchTemplateCommand, DescribeInstancesCommand, type Reservation } from "@aws-sdk/client-ec2";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import type { IncomingCall } from "../../../../lab/aws/hooks";
import { runSchedule } from "../../../../lab/aws/services/scheduler-run";
import { type Emulated, errorOf, REGION, startEmulated } from "../emulated";

const ROLE = "arn:aws:iam::123456789012:role/docker-cache-scheduler";
const TEMPLATE = "builder";

let aws: Emulated;
let queueUrl: string;
const calls: IncomingCall[] = [];
beforeAll(async () => {
  aws = await startEmulated();
  aws.hooks.on("Request", (call) => void calls.push(call));
  const ImageId = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
  const LaunchTemplateData = { ImageId, InstanceType: "m7i.large" as const };
  await aws.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: TEMPLATE, LaunchTemplateData }));
  const sqs = { service: "sqs", action: "CreateQueue", region: REGION };
  queueUrl = (await aws.aws.moto<{ QueueUrl: string }>(sqs, { QueueName: "dead-letters" })).QueueUrl;
}, 120_000);
afterAll(() => aws?.stop());

async function schedule(Name: string, Input: object, State: "ENABLED" | "DISABLED" = "ENABLED") {
  const command = new CreateScheduleCommand({
    Name,
    State,
    ScheduleExpression: "cron(0 3 * * ? *)",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target: {
      Arn: "arn:aws:scheduler:::aws-sdk:ec2:runInstances",
      RoleArn: ROLE,
      Input: JSON.stringify(Input),
      DeadLetterConfig: { Arn: `arn:aws:sqs:${REGION}:123456789012:dead-letters` },
    },
  });
  await new SchedulerClient(aws.config()).send(command);
}

async function deadLetters() {
  const target = { service: "sqs", action: "ReceiveMessage", region: REGION };
  type Answer = { Messages?: { Body: string; MessageAttributes: Record<string, { StringValue: string }> }[] };
  const request = { QueueUrl: queueUrl, MessageAttributeNames: ["All"], MaxNumberOfMessages: 10 };
  return (await aws.aws.moto<Answer>(target, request)).Messages ?? [];
}

test("the stored input is called as stored, in the role's name; all attempts of one tick are one instance", async () => {
  await schedule("nightly", {
    LaunchTemplate: { LaunchTemplateName: TEMPLATE, Version: "$Latest" },
    MinCount: 1,
    MaxCount: 1,
    ClientToken: "builder-<aws.scheduler.scheduled-time>",
  });
  const scheduledTime = new Date("2026-11-21T03:00:00Z");
  const due = { region: REGION, name: "nightly", scheduledTime };
  const first = (await runSchedule(aws.aws, due)) as Reservation;
  const second = (await runSchedule(aws.aws, { ...due, attempt: 2 })) as Reservation;
  expect(second.Instances?.[0]?.InstanceId).toBe(first.Instances?.[0]?.InstanceId);
  const next = (await runSchedule(aws.aws, { ...due, scheduledTime: new Date("2026-11-22T03:00:00Z") })) as Reservation;
  expect(next.Instances?.[0]?.InstanceId).not.toBe(first.Instances?.[0]?.InstanceId);
  const launch = calls.find((call) => call.action === "RunInstances");
  expect(launch?.input.ClientToken).toBe("builder-2026-11-21T03:00:00Z");
  expect(await aws.aws.callerArn(launch?.accessKeyId ?? "", REGION)).toBe(
    "arn:aws:sts::123456789012:assumed-role/docker-cache-scheduler/scheduler",
  );
  const { Reservations } = await aws.ec2.send(new DescribeInstancesCommand({}));
  expect(Reservations).toHaveLength(2);
});

test("what the target refuses goes to the dead-letter queue", async () => {
  await schedule("wrong", { launchTemplate: { launchTemplateName: TEMPLATE }, MinCount: 1, MaxCount: 1 });
  expect(await errorOf(runSchedule(aws.aws, { region: REGION, name: "wrong" }))).toBe("ValidationException");
  await schedule("missing", { LaunchTemplate: { LaunchTemplateName: "none" }, MinCount: 1, MaxCount: 1 });
  const missing = runSchedule(aws.aws, { region: REGION, name: "missing" });
  expect(await errorOf(missing)).toBe("InvalidLaunchTemplateName.NotFoundException");
  const letters = await deadLetters();
  expect(letters.map((letter) => letter.MessageAttributes.ERROR_CODE?.StringValue).sort()).toEqual([
    "InvalidLaunchTemplateName.NotFoundException",
    "ValidationException",
  ]);
});

test("a disabled schedule does nothing", async () => {
  await schedule("off", { MinCount: 1, MaxCount: 1 }, "DISABLED");
  expect(await runSchedule(aws.aws, { region: REGION, name: "off" })).toBeUndefined();
});
