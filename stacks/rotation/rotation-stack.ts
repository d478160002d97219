/** Rotation in one region: one function for each cache and architecture, one topic, one dashboard and one router for all. */
import type { Region } from "../../lib/config/cell";
import { alarmTopicName } from "../../lib/contract";
import type { StackContext } from "../faces/noun";
import { RegionStack } from "../faces/region-stack";
import { createAlarmTopic } from "../parts/alarm-topic";
import { type App, TerraformOutput } from "../terraform/cdktf";
import { archivedCode } from "./code";
import { createDashboard } from "./dashboard";
import { createRouter } from "./router";
import { SnapshotRotation } from "./snapshot-rotation";

export class RotationStack extends RegionStack {
  constructor(app: App, id: string, { deployment, codeFolder }: StackContext, region: Region) {
    super(app, id, { deployment, region: region.name, archive: true });
    const alarmTopicArn = createAlarmTopic(this, {
      name: alarmTopicName(deployment.project, "rotation"),
      ...region.notifications,
      publishers: ["cloudwatch"],
      kmsKeyArn: region.kmsKeyArn,
      tags: {},
    });
    new TerraformOutput(this, "alarm_topic_arn", { value: alarmTopicArn });
    const code = archivedCode(this, "rotation", codeFolder);
    for (const { cache, architecture, rotation: settings } of region.cells) {
      const rotation = new SnapshotRotation(this, `${cache}_${architecture}`, {
        ...settings,
        alarmTopicArn,
        code,
        wake: "router",
      });
      this.outputs(`${cache}_${architecture}`, {
        function_arn: rotation.functionArn,
        function_name: rotation.functionName,
        snapshot_parameter_name: rotation.pointer.name,
        snapshot_parameter_arn: rotation.pointer.arn,
        role_arn: rotation.roleArn,
        log_group_name: rotation.logGroup.name,
        dead_letter_queue_arn: rotation.deadLetters.arn,
      });
    }
    createRouter(this, {
      project: deployment.project,
      tags: deployment.tags,
      region,
      code: archivedCode(this, "router", codeFolder),
    });
    createDashboard(
      this,
      id,
      region.cells.map(({ rotation }) => rotation),
    );
  }
}
