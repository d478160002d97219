/** Services that act in the name of a role. */
import type { Aws } from "../handler";
import type { RoleAssumption, RoleCredentials } from "../hooks";

/** A service's wish to act in the name of a role. */
export interface RoleWish extends Omit<RoleAssumption, "partition"> {
  /** @default - the service's name */
  readonly sessionName?: string;
}

/** Credentials of the role, as a service gets by assuming it: its calls are known by them, and can be judged by the role's policies. */
export async function assumeRole(aws: Aws, region: string, wish: RoleWish): Promise<RoleCredentials> {
  const { sessionName = wish.service, ...assumption } = wish;
  await aws.hooks.raise("AssumeRole", { ...assumption, partition: aws.partition });
  const target = { service: "sts", action: "AssumeRole", region };
  const input = { RoleArn: wish.roleArn, RoleSessionName: sessionName };
  return (await aws.moto<{ Credentials: RoleCredentials }>(target, input)).Credentials;
}
