/** Rotation as a Terraform module. */
import { MODULE_INPUTS } from "../../lib/config/inputs";
import { CONTAINERD_ENGINE } from "../../lib/config/schema/fields";
import { resourceNames } from "../../lib/contract";
import { commonProps, declareInputs, type Inputs } from "../faces/module-inputs";
import { emailRule, nameRules, outputPrefix, rule } from "../faces/module-rules";
import { MODULE_CONSTRUCT_ID, ModuleStack, type Rule } from "../faces/module-stack";
import { createAlarmTopic } from "../parts/alarm-topic";
import { currentOf } from "../parts/current";
import { hcl, str } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { shippedCode } from "./code";
import { createDashboard } from "./dashboard";
import type { SnapshotRotationProps } from "./props";
import { SnapshotRotation } from "./snapshot-rotation";

/** @param codeFolder Folder of the bundled functions, whose files travel with the module. */
export function createRotationModule(codeFolder: string): ModuleStack {
  const module = new ModuleStack("rotation");
  const inputs = declareInputs(module, MODULE_INPUTS.rotation);
  const common = commonProps(inputs);
  const { region } = currentOf(module);
  const names = resourceNames(common.name, common.architecture, region);
  const alarmTopicArn = inFile(module, "alarms", () =>
    createAlarmTopic(module, {
      name: names.rotationAlarmTopic,
      topicArn: inputs.textIn("notifications.topic", "arn"),
      email: inputs.text("notifications.email"),
      publishers: ["cloudwatch"],
      kmsKeyArn: common.kmsKeyArn,
      tags: common.tags,
    }),
  );
  const own = rotationProps(inputs);
  const rotation = new SnapshotRotation(module, MODULE_CONSTRUCT_ID, {
    ...common,
    ...own,
    alarmTopicArn,
    code: shippedCode(module, "rotation", codeFolder),
  });
  inFile(module, "dashboard", () =>
    createDashboard(module, `${names.rotation}-${region}`, [{ ...common, alarms: own.alarms }], rotation.identity),
  );
  module.output("function_arn", "ARN of the rotation function.", rotation.functionArn);
  module.output("function_name", "Name of the rotation function.", rotation.functionName);
  module.output("role_arn", "ARN of the rotation function's role.", rotation.roleArn);
  module.output(
    "snapshot_parameter_name",
    "Name of the parameter that holds the promoted snapshot's id, `none` before the first.",
    rotation.pointer.name,
  );
  module.output(
    "snapshot_parameter_arn",
    "ARN of that parameter, for policies of those who read it.",
    rotation.pointer.arn,
  );
  module.output("log_group_name", "Name of the function's log group.", rotation.logGroup.name);
  module.output(
    "dead_letter_queue_name",
    "Name of the queue of scheduled runs that were given up.",
    rotation.deadLetters.name,
  );
  module.output("dead_letter_queue_arn", "ARN of that queue.", rotation.deadLetters.arn);
  module.output("dead_letter_queue_url", "URL of that queue.", rotation.deadLetters.url);
  module.output("alarm_topic_arn", "ARN of the SNS topic that alarms go to.", alarmTopicArn);
  outputPrefix(module, inputs, [...nameRules(inputs, names.rotationRole), ...ownRules(inputs, region)]);
  return module;
}

function ownRules(inputs: Inputs, region: string): Rule[] {
  const zones = hcl`[for zone in ${inputs.texts("fast_restore_zones")} : zone if substr(zone, 0, length(zone) - 1) != ${region}]`;
  const engine = hcl`var.max_engine`;
  return [
    rule(
      str`var.copy_from == null ? true : var.copy_from != ${region}`,
      "copy_from",
      `${region}, the region itself`,
      "a region that builds the cache itself",
      "Name the region that builds it, or leave it out",
    ),
    rule(
      str`length(${zones}) == 0`,
      "fast_restore_zones",
      str`join(", ", ${zones})`,
      `a zone of ${region}`,
      "Name zones of the region",
    ),
    emailRule(),
    rule(
      str`${inputs.number("reserved_concurrency")} != 0`,
      "reserved_concurrency",
      "0, with which Lambda runs the function never",
      "a whole number from 1 to 1000, or -1 for none",
      "Take -1, or leave it out",
    ),
    rule(
      str`${inputs.text("image_store")} != "containerd" || ${engine} == null ? true : ${engine} >= ${CONTAINERD_ENGINE}`,
      "max_engine",
      str`coalesce(${engine}, 0)`,
      `${CONTAINERD_ENGINE} or later, as \`image_store\` is containerd`,
      "Raise it, or take image_store overlay2",
    ),
  ];
}

function rotationProps(
  inputs: Inputs,
): Omit<SnapshotRotationProps, keyof ReturnType<typeof commonProps> | "alarmTopicArn" | "code"> {
  return {
    logRetentionDays: inputs.number("log_retention_days"),
    store: inputs.text("image_store") as SnapshotRotationProps["store"],
    maxEngine: inputs.number("max_engine"),
    copyFrom: inputs.text("copy_from"),
    copyProof: inputs.text("copy_proof") as SnapshotRotationProps["copyProof"],
    copyRetentionDays: inputs.number("copy_retention_days"),
    cadenceHours: inputs.number("cadence_hours"),
    keepLast: inputs.number("retention.keep_last"),
    keepWithinDays: inputs.number("retention.keep_within_days"),
    minKeep: inputs.number("retention.min_keep"),
    deletionGraceHours: inputs.number("retention.deletion_grace_hours"),
    maxDeletionsPerRun: inputs.number("retention.max_deletions_per_run"),
    recycleBinDays: inputs.number("retention.recycle_bin_days"),
    fastRestoreZones: inputs.texts("fast_restore_zones"),
    watchdogMinutes: inputs.number("watchdog_minutes"),
    reconcileMinutes: inputs.number("reconcile_minutes"),
    alarms: inputs.text("alarms") as SnapshotRotationProps["alarms"],
    lambdaRuntime: inputs.text("lambda_runtime"),
    reservedConcurrency: inputs.number("reserved_concurrency"),
    wake: inputs.text("wake") as SnapshotRotationProps["wake"],
  };
}
