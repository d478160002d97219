/** The rotation function: one for each cache and architecture, all with the same code. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROTATION_SETTINGS_VARIABLE, type RotationSettings } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import {
  type CloudwatchLogGroup,
  DataArchiveFile,
  type IamRole,
  type IamRolePolicy,
  type IConstruct,
  LambdaFunction,
  type SqsQueue,
} from "../terraform/cdktf";
import { str } from "../terraform/expression";
import { besideStack, fileBeside } from "../terraform/files";
import { oncePerStack } from "../terraform/once-per-stack";
import type { SnapshotRotationProps } from "./props";

/** Folder of the code beside the stack or module. */
const CODE = "lambda/rotation";
/** Beside the folder that is zipped: what is deployed is the function alone, and new licences change none of its bytes. */
const BESIDE_CODE: Readonly<Record<string, string>> = { THIRD_PARTY_LICENSES: "lambda/THIRD_PARTY_LICENSES" };
/** Well above what a run takes with a third of its calls throttled; the API's own retries end long before. */
const TIMEOUT_SECONDS = 300;
const MEMORY_MIB = 512;

interface Parts {
  readonly role: IamRole;
  readonly policy: IamRolePolicy | undefined;
  readonly logGroup: CloudwatchLogGroup;
  readonly queue: SqsQueue;
}

export function createFunction(cell: CellScope<SnapshotRotationProps>, parts: Parts): LambdaFunction {
  const { scope, props, names, tags } = cell;
  const archive = createArchive(scope, props.codeFolder);
  return new LambdaFunction(scope, "rotation.function", {
    functionName: names.rotation,
    description: `Promotes and deletes snapshots of the Docker cache ${props.name}/${props.architecture}`,
    role: parts.role.arn,
    runtime: props.lambdaRuntime,
    architectures: ["arm64"],
    handler: "index.handler",
    filename: archive.outputPath,
    sourceCodeHash: archive.outputBase64Sha256,
    memorySize: MEMORY_MIB,
    timeout: TIMEOUT_SECONDS,
    reservedConcurrentExecutions: props.reservedConcurrency ?? undefined,
    environment: { variables: { [ROTATION_SETTINGS_VARIABLE]: str`jsonencode(${settings(props)})` } },
    kmsKeyArn: props.kmsKeyArn ?? undefined,
    deadLetterConfig: { targetArn: parts.queue.arn },
    tracingConfig: { mode: "Active" },
    tags: tags(),
    // An event may run it at once. So it waits until it may do everything, and until its log group exists, which it may not make.
    dependsOn: [parts.policy, parts.logGroup].filter((one) => one !== undefined),
  });
}

/** The code zipped, once per stack: the bytes are the same for every function, and on every machine. */
function createArchive(scope: IConstruct, codeFolder: string): DataArchiveFile {
  return oncePerStack(scope, "rotation.archive", (at) => {
    for (const name of readdirSync(codeFolder).sort())
      fileBeside(at, BESIDE_CODE[name] ?? `${CODE}/${name}`, readFileSync(join(codeFolder, name), "utf8"));
    return new DataArchiveFile(at, "rotation.archive", {
      type: "zip",
      sourceDir: besideStack(CODE),
      outputPath: besideStack("lambda/rotation.zip"),
      outputFileMode: "0644",
    });
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
  };
}
