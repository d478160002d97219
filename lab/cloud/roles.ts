/** The role of an instance and its credentials, as the metadata service hands them out. */

import type { Instance } from "@aws-sdk/client-ec2";
import { HOUR_MILLISECONDS } from "../../lib/time";
import { assumeRole } from "../aws/services/assume-role";
import type { MachineMetadata, RoleCredentials } from "../machine/metadata";
import type { Cloud } from "./types";

/** Hours that credentials last, as on EC2. */
const HOURS = 6;

/** Returns the role of the instance's profile, or undefined if it has none. */
export async function roleOf(cloud: Cloud, instance: Instance): Promise<MachineMetadata["role"]> {
  const profile = instance.IamInstanceProfile?.Arn?.split("/").pop();
  if (!profile) return undefined;
  const iam = { service: "iam", action: "GetInstanceProfile", region: "us-east-1" };
  type Profile = { InstanceProfile?: { Roles?: { RoleName?: string; Arn?: string }[] } };
  const role = (await cloud.aws.aws.call<Profile>(iam, { InstanceProfileName: profile })).InstanceProfile?.Roles?.[0];
  if (!role?.Arn || !role.RoleName) return undefined;
  const wish = { roleArn: role.Arn, service: "ec2", sessionName: instance.InstanceId };
  const session = await assumeRole(cloud.aws.aws, "us-east-1", wish);
  const expiration = new Date(Date.now() + HOURS * HOUR_MILLISECONDS).toISOString().replace(/\.\d+Z$/, "Z");
  const credentials: RoleCredentials = {
    accessKeyId: session.AccessKeyId,
    secretAccessKey: session.SecretAccessKey,
    token: session.SessionToken,
    expiration,
  };
  return { name: role.RoleName, credentials: () => credentials };
}
