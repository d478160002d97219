/** Services that act in the name of a role. */
import type { Aws } from "./handler";

/** A key of the role, as a service gets by assuming it: its calls are known by it, and can be judged by the role's policy. */
export async function keyOfRole(aws: Aws, region: string, RoleArn: string, RoleSessionName: string): Promise<string> {
  type Answer = { Credentials: { AccessKeyId: string } };
  const target = { service: "sts", action: "AssumeRole", region };
  const { Credentials } = await aws.moto<Answer>(target, { RoleArn, RoleSessionName });
  return Credentials.AccessKeyId;
}
