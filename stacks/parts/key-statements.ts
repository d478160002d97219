/** Permissions on a customer key that a role needs to launch with, attach or snapshot encrypted volumes, and no more. */
import type { Current } from "./current";
import { equals, type Statement, whereGiven } from "./policy";

/**
 * Use of the key by a role that launches instances with, attaches or snapshots an encrypted volume: through EC2 alone. Actions
 * are as the EBS User Guide lists them ("Requirements for Amazon EBS encryption"), grants only for AWS services. Without a key
 * there are none.
 */
export function ebsKeyStatements(current: Current, kmsKeyArn: string | null): Statement[] {
  const throughEc2 = equals("kms:ViaService", `ec2.${current.region}.${current.dnsSuffix}`);
  return whereGiven(kmsKeyArn, (key) => [
    {
      sid: "UseKey",
      actions: [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ],
      resources: [key],
      conditions: [throughEc2],
    },
    {
      sid: "GrantKeyToServices",
      actions: ["kms:CreateGrant"],
      resources: [key],
      conditions: [throughEc2, { test: "Bool", variable: "kms:GrantIsForAWSResource", values: ["true"] }],
    },
  ]);
}
