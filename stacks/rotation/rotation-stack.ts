/** Rotation in one region: one function for each cache and architecture, one topic and one dashboard for all. */
import type { Region } from "../../lib/config/cell";
import { RegionStack, type RegionStackProps } from "../faces/region-stack";
import { type App, TerraformOutput } from "../terraform/cdktf";
import { createAlarmTopic } from "./alarm-topic";
import { createDashboard } from "./dashboard";
import { SnapshotRotation } from "./snapshot-rotation";

export interface RotationStackProps extends Omit<RegionStackProps, "region" | "archive"> {
  /** Folder of the bundled function. */
  readonly codeFolder: string;
}

export class RotationStack extends RegionStack {
  constructor(app: App, id: string, { deployment, codeFolder }: RotationStackProps, region: Region) {
    super(app, id, { deployment, region: region.name, archive: true });
    const alarmTopicArn = createAlarmTopic(this, {
      name: `${deployment.project}-rotation-alarms`,
      ...region.notifications,
      kmsKeyArn: region.kmsKeyArn,
      tags: {},
    });
    new TerraformOutput(this, "alarm_topic_arn", { value: alarmTopicArn });
    for (const { cache, architecture, rotation: settings } of region.cells) {
      const rotation = new SnapshotRotation(this, `${cache}_${architecture}`, {
        ...settings,
        alarmTopicArn,
        codeFolder,
      });
      const outputs = {
        function_arn: rotation.functionArn,
        function_name: rotation.functionName,
        snapshot_parameter_name: rotation.snapshotParameterName,
        role_arn: rotation.roleArn,
      };
      for (const [name, value] of Object.entries(outputs))
        new TerraformOutput(this, `${cache}_${architecture}_${name}`, { value });
    }
    createDashboard(
      this,
      id,
      region.cells.map(({ rotation }) => rotation),
    );
  }
}
