/** Services that act in the name of a role. */
import type { Aws } from "../handler";
import type { RoleAssumption } from "../hooks";

/** Credentials of a role. */
export interface RoleSession {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
}

/** A service's wish to act in the name of a role. */
export interface RoleWish extends Omit<RoleAssumption, "partition"> {
  /** @default - the service's name */
  readonly sessionName?: string;
}

/** Credentials of the role, as a service gets by assuming it: its calls are known by them, and can be judged by the role's policies. */
export async function assumeRole(aws: Aws, region: string, wish: RoleWish): Promise<RoleSession> {
  const { sessionName = wish.service, ...assumption } = wish;
  await aws.hooks.raise("AssumeRole", { ...assumption, partition: aws.partition });
  const target = { service: "sts", action: "AssumeRole", region };
  const input = { RoleArn: wish.roleArn, RoleSessionName: sessionName };
  return (await aws.moto<{ Credentials: RoleSession }>(target, input)).Credentials;
}
