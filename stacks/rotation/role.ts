/** Permissions of the rotation function: exactly the calls in lambda-src/rotation/ports.ts, each on what bears this cache's tags. */
import { cacheId, ROLES, TAG } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { onlyTagKeys, ownTags, type Statement, tagged } from "../parts/policy";
import { createRoleAndPolicy, forThisAccount } from "../parts/role";
import type { CloudwatchLogGroup, SqsQueue } from "../terraform/cdktf";
import type { SnapshotRotationProps } from "./props";

export function createRotationRole(
  cell: CellScope<SnapshotRotationProps>,
  logGroup: CloudwatchLogGroup,
  queue: SqsQueue,
): ReturnType<typeof createRoleAndPolicy> {
  const { props, names } = cell;
  return createRoleAndPolicy(cell, {
    id: "rotation",
    name: names.rotationRole,
    description: `Promotes and deletes snapshots of the Docker cache ${props.name}/${props.architecture}`,
    service: "lambda",
    trust: [forThisAccount(cell)],
    statements: [
      ...readStatements(cell),
      ...snapshotStatements(cell),
      ...templateStatements(cell),
      {
        sid: "SweepBuilders",
        actions: ["ec2:TerminateInstances"],
        resources: [cell.current.arn("ec2", "instance/*")],
        conditions: tagged({ ...ownTags(props), [TAG.role]: ROLES.builder }),
      },
      {
        sid: "WriteLog",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [`${logGroup.arn}:*`],
      },
      { sid: "GiveUp", actions: ["sqs:SendMessage"], resources: [queue.arn] },
      { sid: "Trace", actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources: ["*"] },
    ],
  });
}

/** Describing has no resource level. */
function readStatements({ current, parameters }: CellScope<SnapshotRotationProps>): Statement[] {
  const parameter = (name: string) => current.arn("ssm", `parameter${name}`);
  return [
    {
      sid: "Describe",
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:DescribeFastSnapshotRestores",
        "ec2:DescribeImages",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLockedSnapshots",
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
      ],
      resources: ["*"],
    },
    {
      sid: "ReadParameters",
      actions: ["ssm:GetParameterHistory", "ssm:GetParameters"],
      resources: [parameters.pointer, parameters.rejected, parameters.volumeId].map(parameter),
    },
    {
      sid: "MovePointer",
      actions: ["ssm:PutParameter"],
      resources: [parameter(parameters.pointer)],
    },
  ];
}

function snapshotStatements({ props, current }: CellScope<SnapshotRotationProps>): Statement[] {
  // EC2's ARN of a snapshot has no account.
  const resources = [current.arn("ec2", "snapshot/*", { account: null })];
  const ours = tagged(ownTags(props));
  return [
    {
      sid: "KeepAndDeleteSnapshots",
      actions: [
        "ec2:DeleteSnapshot",
        "ec2:DescribeSnapshotAttribute",
        "ec2:DisableFastSnapshotRestores",
        "ec2:EnableFastSnapshotRestores",
      ],
      resources,
      conditions: ours,
    },
    {
      sid: "AnnounceDeletion",
      actions: ["ec2:CreateTags", "ec2:DeleteTags"],
      resources,
      conditions: [...ours, ...onlyTagKeys([TAG.deleteAfter, TAG.deletionRefused])],
    },
  ];
}

/** Only templates that ask for this cache; their own tag is the user's consent. */
function templateStatements({ props, current }: CellScope<SnapshotRotationProps>): Statement[] {
  return [
    {
      sid: "WriteCacheDevice",
      actions: ["ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions", "ec2:ModifyLaunchTemplate"],
      resources: [current.arn("ec2", "launch-template/*")],
      conditions: tagged({ [TAG.consume]: cacheId(props.name, props.architecture) }),
    },
  ];
}
