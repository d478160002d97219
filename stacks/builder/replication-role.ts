/**
 * Permissions of DLM: the actions of AWS's own policy for it (AWSDataLifecycleManagerServiceRole), on the resources that AWS
 * documents. They are those that a schedule over volumes with copies uses. That policy has no condition on tags, so this one has
 * none either.
 */
import type { BuilderSettings } from "../../lib/config/cell";
import type { CellScope } from "../parts/cell-scope";
import { type Statement, whereAny } from "../parts/policy";
import { createRole, forSource, forThisAccount } from "../parts/role";
import { TerraformLocal, Token } from "../terraform/cdktf";
import { hcl } from "../terraform/expression";
import { attributeOf } from "../terraform/maybe";

/** @returns the role's ARN; `count` is the policy's, if it has one. */
export function createReplicationRole(cell: CellScope<BuilderSettings>, count: number | undefined): string {
  const { props, current, names } = cell;
  const role = createRole(cell, {
    id: "replication",
    name: names.dlmRole,
    description: `Copies the Docker cache ${props.name}/${props.architecture} to other regions`,
    service: "dlm",
    trust: [forThisAccount(cell), forSource(current.arn("dlm", "policy/*"))],
    statements: [
      {
        sid: "SnapshotAndCopy",
        actions: [
          "ec2:CopySnapshot",
          "ec2:CreateSnapshot",
          "ec2:DeleteSnapshot",
          "ec2:DescribeAvailabilityZones",
          "ec2:DescribeInstances",
          "ec2:DescribeSnapshotAttribute",
          "ec2:DescribeSnapshots",
          "ec2:DescribeVolumes",
        ],
        resources: ["*"],
      },
      {
        sid: "TagSnapshots",
        actions: ["ec2:CreateTags"],
        resources: [current.arn("ec2", "snapshot/*", { region: "*", account: null })],
      },
      ...keyStatements(cell),
    ],
    count,
  });
  return attributeOf(role, "arn");
}

/** The keys here and there, with the actions that the EBS User Guide lists for DLM and encrypted copies. */
function keyStatements(cell: CellScope<BuilderSettings>): Statement[] {
  const keys = keysOfAll(cell);
  return whereAny(
    keys,
    {
      sid: "UseKeys",
      actions: [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ],
      resources: keys,
    },
    {
      sid: "GrantKeysToServices",
      actions: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      resources: keys,
      conditions: [{ test: "Bool", variable: "kms:GrantIsForAWSResource", values: ["true"] }],
    },
  );
}

function keysOfAll({ scope, props: { kmsKeyArn, copyTo } }: CellScope<BuilderSettings>): string[] {
  if (!Token.isUnresolved(copyTo))
    return [kmsKeyArn, ...copyTo.map((copy) => copy.kmsKeyArn)].filter((key) => key !== null);
  const keys = hcl`compact(concat([${kmsKeyArn}], ${copyTo}[*].kms_key_arn))`;
  return new TerraformLocal(scope, "copy_kms_key_arns", keys).asList;
}
