/** Starts builders: one schedule for each time of day, each launch with a token that makes a repeated request the same launch. */
import type { BuilderSettings } from "../../lib/config/cell";
import type { CellScope } from "../parts/cell-scope";
import { createDeadLetterQueue } from "../parts/dead-letter-queue";
import { type LaunchTemplate, SchedulerSchedule, SchedulerScheduleGroup, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { call, times } from "../terraform/lists";
import { isAbsent, itemsOf } from "../terraform/maybe";
import type { BuilderRole } from "./role";
import { createSchedulerRole } from "./scheduler-role";

/** EventBridge Scheduler replaces this by the time that a launch was due, the same for every retry. */
const SCHEDULED_TIME = "<aws.scheduler.scheduled-time>";

export function createSchedule(cell: CellScope<BuilderSettings>, template: LaunchTemplate, role: BuilderRole): void {
  const { scope, props, current, names, tags } = cell;
  const queue = createDeadLetterQueue(cell, names.builderDeadLetterQueue);
  const group = new SchedulerScheduleGroup(scope, "builder.schedules", { name: names.builder, tags: tags() });
  const scheduler = createSchedulerRole(cell, { template, role, queue, group });
  const schedules = createTimes(cell);
  const schedule = new SchedulerSchedule(scope, "builder.schedule", {
    name: `${names.builder}-${str`each.key`}`,
    description: `Builds the Docker cache ${props.name}/${props.architecture}`,
    groupName: group.name,
    scheduleExpression: str`each.value`,
    scheduleExpressionTimezone: props.timeZone,
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: `arn:${current.partition}:scheduler:::aws-sdk:ec2:runInstances`,
      roleArn: scheduler.arn,
      input: launchRequest(template),
      deadLetterConfig: { arn: queue.arn },
      retryPolicy: { maximumEventAgeInSeconds: times(props.launchRetryMinutes, 60) },
    },
  });
  schedule.addOverride("for_each", schedules.expression);
  comment(schedule, "The universal target calls RunInstances itself: no function in between that could fail.");
  comment(schedule, "jsonencode escapes < and >, and Scheduler would not know the scheduled time again.", "target");
}

/** Schedule expressions by the end of the schedule's name: `0430` for a time of day, `expression` for the user's own. */
function createTimes({ scope, props }: CellScope<BuilderSettings>): TerraformLocal {
  const [hour, minute] = [str`tonumber(split(":", time)[0])`, str`tonumber(split(":", time)[1])`];
  const daily = hcl`{ for time in ${props.buildAt} : replace(time, ":", "") => ${`cron(${minute} ${hour} * * ? *)`} }`;
  const own = hcl`{ for expression in ${itemsOf(props.scheduleExpression)} : "expression" => expression }`;
  return new TerraformLocal(scope, "schedules", isAbsent(props.scheduleExpression) ? daily : call("merge", daily, own));
}

/** Request that the schedule makes to EC2. */
function launchRequest(template: LaunchTemplate): string {
  const request = {
    LaunchTemplate: { LaunchTemplateId: template.id, Version: "$Default" },
    MinCount: 1,
    MaxCount: 1,
    ClientToken: `${template.id}-${SCHEDULED_TIME}`,
  };
  return str`replace(replace(jsonencode(${request}), "\\u003c", "<"), "\\u003e", ">")`;
}
