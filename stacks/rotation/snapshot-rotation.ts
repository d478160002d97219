/** Promotes the newest proven snapshot of one cache and architecture in one region, tells every consumer, and deletes what is no longer needed. */
import { cellScope } from "../parts/cell-scope";
import { createDeadLetterQueue } from "../parts/dead-letter-queue";
import { createLogGroup } from "../parts/log-group";
import { type CloudwatchLogGroup, Construct, type SqsQueue, type SsmParameter } from "../terraform/cdktf";
import { inFile } from "../terraform/in-file";
import type { TerraformData } from "../terraform/terraform-data";
import { createAlarms } from "./alarms";
import { createFunction } from "./function";
import { createInvocations } from "./invocations";
import { createParameters } from "./parameters";
import type { SnapshotRotationProps } from "./props";
import { createRecycleBin } from "./recycle-bin";
import { createRotationRole } from "./role";
import { createRules } from "./rules";

export class SnapshotRotation extends Construct {
  readonly functionArn: string;
  readonly functionName: string;
  /** Holds the promoted snapshot's id. */
  readonly pointer: SsmParameter;
  readonly roleArn: string;
  readonly logGroup: CloudwatchLogGroup;
  /** Scheduled runs that were given up. */
  readonly deadLetters: SqsQueue;
  readonly identity: TerraformData;

  constructor(scope: Construct, id: string, props: SnapshotRotationProps) {
    super(scope, id);
    const cell = cellScope(this, props);
    const { pointer } = inFile(this, "parameters", () => createParameters(cell));
    const logGroup = inFile(this, "logs", () => createLogGroup(cell, "rotation", cell.names.rotationLogGroup));
    const queue = inFile(this, "function", () => createDeadLetterQueue(cell, cell.names.rotationDeadLetterQueue));
    const { role, policy } = inFile(this, "iam", () => createRotationRole(cell, logGroup, queue));
    const rotation = inFile(this, "function", () => createFunction(cell, { role, policy, logGroup }));
    const hints = inFile(this, "function", () => createInvocations(cell, rotation, queue));
    inFile(this, "events", () => createRules(cell, rotation, hints));
    inFile(this, "alarms", () => createAlarms(cell, rotation, queue));
    inFile(this, "recycle_bin", () => createRecycleBin(cell));
    this.functionArn = rotation.arn;
    this.functionName = rotation.functionName;
    this.pointer = pointer;
    this.roleArn = role.arn;
    this.logGroup = logGroup;
    this.deadLetters = queue;
    this.identity = cell.identity;
  }
}
