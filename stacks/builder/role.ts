/** Permissions of the builder instance: attach, tag and snapshot its own cache volume, read its parameters, pull, and write its log. */
import type { BuilderSettings } from "../../lib/config/cell";
import { BUILDER_VOLUME_TAGS, ROLES, TAG } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { keepName } from "../parts/keep-name";
import { ebsKeyStatements } from "../parts/key-statements";
import { equals, onlyTagKeys, ownTags, type Statement, tagged, tagging } from "../parts/policy";
import { createRoleAndPolicy } from "../parts/role";
import type { Switches } from "../parts/switches";
import { type CloudwatchLogGroup, IamInstanceProfile } from "../terraform/cdktf";
import { str } from "../terraform/expression";
import { attributeOf, countIfAbsent, countIfWanted, isAbsent } from "../terraform/maybe";
import { registryStatements } from "./registries";

/** Tags that say what is done with a resource, not what it is. */
const STEERING_TAGS = [TAG.consume, TAG.deleteAfter, TAG.deletionRefused, TAG.pin, TAG.replicate, TAG.role];

/** A module takes a role of its user's, if `createRole` is false. */
export type BuilderRoleProps = BuilderSettings & Switches & { readonly ownRole?: OwnRole };

/** ARN of the role, which whoever launches builders passes, and the name of an instance profile that has it. */
interface OwnRole {
  readonly arn: string;
  readonly instanceProfileName: string;
}

export interface BuilderRole {
  /** Role of the instances, ours or the user's. */
  readonly roleArn: string;
  /** As the launch template takes it. */
  readonly profile: { readonly arn: string; readonly name?: string | undefined };
  /** These are null if the role is the user's. */
  readonly ownArn: string;
  /** By its id: unlike the name, it is unknown while the role is replaced, so that policies attached to it follow. */
  readonly ownName: string;
  /** JSON of what the role may do. */
  readonly policyJson: string;
}

export function createBuilderRole(
  cell: CellScope<BuilderRoleProps>,
  logGroups: readonly CloudwatchLogGroup[],
): BuilderRole {
  const { scope, props, current, names, tags } = cell;
  // Not by the switch alone: an unknown profile beside it is refused by Terraform while planning.
  const count = countIfWanted(props.createRole, countIfAbsent(props.ownRole?.instanceProfileName));
  const { role, policyJson } = createRoleAndPolicy(cell, {
    id: "builder",
    name: names.builderRole,
    description: `Builder of the Docker cache ${props.name}/${props.architecture}`,
    service: "ec2",
    trust: [],
    statements: [
      ...volumeStatements(cell),
      ...snapshotStatements(cell),
      ...readStatements(cell),
      {
        sid: "WriteLog",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: logGroups.map(({ arn }) => `${arn}:*`),
      },
      ...registryStatements(cell),
      ...ebsKeyStatements(current, props.kmsKeyArn),
    ],
    count,
  });
  const profile = new IamInstanceProfile(scope, "builder.profile", {
    name: names.builderRole,
    path: props.rolePath,
    role: attributeOf(role, "id"),
    tags: tags(),
    count,
    lifecycle: keepName(cell.identity),
  });
  const ownArn = attributeOf(role, "arn");
  const made = { ownArn, ownName: attributeOf(role, "id"), policyJson: policyJson! };
  const arn = attributeOf(profile, "arn");
  const theirs = props.ownRole;
  if (isAbsent(theirs)) return { ...made, roleArn: ownArn, profile: { arn } };
  return {
    ...made,
    roleArn: str`${props.createRole} ? ${ownArn} : ${theirs.arn}`,
    // EC2 takes one of the two.
    profile: { arn, name: str`${props.createRole} ? null : ${theirs.instanceProfileName}` },
  };
}

/** The cache volume is attached to a builder and to nothing else; only the builder's own tags are written. */
function volumeStatements({ props, current }: CellScope<BuilderSettings>): Statement[] {
  const cacheVolume = { ...ownTags(props), [TAG.role]: ROLES.cacheVolume };
  const builder = { ...ownTags(props), [TAG.role]: ROLES.builder };
  return [
    {
      sid: "AttachCacheVolume",
      actions: ["ec2:AttachVolume"],
      resources: [current.arn("ec2", "volume/*")],
      conditions: tagged(cacheVolume),
    },
    {
      sid: "AttachToBuilder",
      actions: ["ec2:AttachVolume"],
      resources: [current.arn("ec2", "instance/*")],
      conditions: tagged(builder),
    },
    {
      sid: "TagCacheVolume",
      actions: ["ec2:CreateTags"],
      resources: [current.arn("ec2", "volume/*")],
      conditions: [...tagged(cacheVolume), ...onlyTagKeys(BUILDER_VOLUME_TAGS)],
    },
    {
      sid: "TagOutcome",
      actions: ["ec2:CreateTags"],
      resources: [current.arn("ec2", "instance/*")],
      conditions: [...tagged(builder), ...onlyTagKeys([TAG.outcome])],
    },
  ];
}

/** Snapshots of the cache volume alone, tagged as its own while they are created and never afterwards. */
function snapshotStatements({ props, current }: CellScope<BuilderSettings>): Statement[] {
  // EC2's ARN of a snapshot has no account.
  const snapshots = [current.arn("ec2", "snapshot/*", { account: null })];
  return [
    {
      sid: "SnapshotCacheVolume",
      actions: ["ec2:CreateSnapshot"],
      resources: [current.arn("ec2", "volume/*")],
      conditions: tagged({ ...ownTags(props), [TAG.role]: ROLES.cacheVolume }),
    },
    {
      sid: "CreateOwnSnapshot",
      actions: ["ec2:CreateSnapshot"],
      resources: snapshots,
      conditions: tagging(ownTags(props)),
    },
    {
      sid: "TagNewSnapshot",
      actions: ["ec2:CreateTags"],
      resources: snapshots,
      conditions: [
        equals("ec2:CreateAction", "CreateSnapshot"),
        ...tagging(ownTags(props)),
        // The volume's tags go with it, and only AWS knows which a provider or a tag policy added. None of them may steer rotation or DLM.
        { test: "ForAllValues:StringNotEquals", variable: "aws:TagKeys", values: STEERING_TAGS },
      ],
    },
  ];
}

function readStatements({ current, parameters }: CellScope<BuilderSettings>): Statement[] {
  return [
    {
      sid: "Describe",
      actions: ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"],
      resources: ["*"],
    },
    {
      sid: "ReadParameters",
      actions: ["ssm:GetParameter", "ssm:GetParametersByPath"],
      resources: [
        current.arn("ssm", `parameter${parameters.images}`),
        current.arn("ssm", `parameter${parameters.images}/*`),
        current.arn("ssm", `parameter${parameters.rejected}`),
        current.arn("ssm", `parameter${parameters.script}/*`),
      ],
    },
  ];
}
