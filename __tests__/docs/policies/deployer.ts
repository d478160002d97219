/** A role in the emulated AWS that deploys with policies of docs/policies, and with nothing else. */
import type { Aws } from "../../../lab/aws/handler";
import type { RoleCredentials } from "../../../lab/aws/hooks";
import { readPolicy } from "./iam";

/** The boundary of every role of the stacks, in the place of the one that docs/policies/deploy-boundary.json leaves to the user. */
const BOUNDARY = "policy/boundary";

/** The key of the stacks, in the place of the one that docs/policies/deploy-key.json leaves to the user. */
const KEY = "key/11111111-2222-3333-4444-555555555555";

/** The name that docs/policies/scp.json leaves to the user. */
const ROLE = "DEPLOYMENT-ROLE";

export interface Deployer {
  /** The environment of clients that work in the role's name. */
  readonly env: Readonly<Record<string, string>>;
  /** Gives the role these policies by their names, in the place of those that it had. */
  attach(...names: readonly string[]): Promise<void>;
}

/** Makes the role, without a policy yet. */
export async function deployerOf(aws: Aws, region: string): Promise<Deployer> {
  const iam = <Output>(action: string, input: object) => aws.call<Output>({ service: "iam", action, region }, input);
  const Statement = [
    { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${aws.accountId}:root` }, Action: "sts:AssumeRole" },
  ];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const { Role } = await iam<{ Role: { Arn: string } }>("CreateRole", { RoleName: ROLE, AssumeRolePolicyDocument });
  const assumption = { RoleArn: Role.Arn, RoleSessionName: "terraform" };
  const { Credentials } = await aws.call<{ Credentials: RoleCredentials }>(
    { service: "sts", action: "AssumeRole", region },
    assumption,
  );
  return {
    env: {
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    },
    async attach(...names) {
      const { PolicyNames } = await iam<{ PolicyNames: string[] }>("ListRolePolicies", { RoleName: ROLE });
      for (const PolicyName of PolicyNames) await iam("DeleteRolePolicy", { RoleName: ROLE, PolicyName });
      for (const PolicyName of names) {
        const PolicyDocument = JSON.stringify(readPolicy(PolicyName))
          .replaceAll("policy/BOUNDARY", BOUNDARY)
          .replaceAll("key/KEY-ID", KEY);
        await iam("PutRolePolicy", { RoleName: ROLE, PolicyName, PolicyDocument });
      }
    },
  };
}
