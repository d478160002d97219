/** The rotation function: one for each cache and architecture, all with the same code. */
import { ROTATION_SETTINGS_VARIABLE, type RotationSettings } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { type CloudwatchLogGroup, type IamRole, type IamRolePolicy, LambdaFunction } from "../terraform/cdktf";
import { str } from "../terraform/expression";
import type { SnapshotRotationProps } from "./props";

/** Well above what a run takes with a third of its calls throttled; the API's own retries end long before. */
const TIMEOUT_SECONDS = 300;
const MEMORY_MIB = 512;

interface Parts {
  readonly role: IamRole;
  readonly policy: IamRolePolicy | undefined;
  readonly logGroup: CloudwatchLogGroup;
}

export function createFunction(cell: CellScope<SnapshotRotationProps>, parts: Parts): LambdaFunction {
  const { scope, props, names, tags } = cell;
  return new LambdaFunction(scope, "rotation.function", {
    functionName: names.rotation,
    description: `Promotes and deletes snapshots of the Docker cache ${props.name}/${props.architecture}`,
    role: parts.role.arn,
    runtime: props.lambdaRuntime,
    architectures: ["arm64"],
    handler: "index.handler",
    ...props.code,
    memorySize: MEMORY_MIB,
    timeout: TIMEOUT_SECONDS,
    reservedConcurrentExecutions: props.reservedConcurrency ?? undefined,
    environment: { variables: { [ROTATION_SETTINGS_VARIABLE]: str`jsonencode(${settings(props)})` } },
    kmsKeyArn: props.kmsKeyArn ?? undefined,
    tracingConfig: { mode: "Active" },
    tags: tags(),
    // An event may run it at once. So it waits until it may do everything, and until its log group exists, which it may not make.
    dependsOn: [parts.policy, parts.logGroup].filter((one) => one !== undefined),
  });
}

/** Settings of the function, and nothing that it does not ask for. */
function settings(props: SnapshotRotationProps): RotationSettings {
  return {
    name: props.name,
    architecture: props.architecture,
    store: props.store,
    maxEngine: props.maxEngine,
    copyFrom: props.copyFrom,
    copyProof: props.copyProof,
    copyRetentionDays: props.copyRetentionDays,
    cadenceHours: props.cadenceHours,
    keepLast: props.keepLast,
    keepWithinDays: props.keepWithinDays,
    minKeep: props.minKeep,
    deletionGraceHours: props.deletionGraceHours,
    maxDeletionsPerRun: props.maxDeletionsPerRun,
    fastRestoreZones: props.fastRestoreZones,
    watchdogMinutes: props.watchdogMinutes,
    reconcileMinutes: props.reconcileMinutes,
    alarms: props.alarms,
  };
}
