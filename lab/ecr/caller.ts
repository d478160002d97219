/** Whose request it is, and whether that role may make it. */
import { AwsError } from "../aws/aws-error";
import type { Aws } from "../aws/handler";
import { ECR_USER } from "../aws/services/ecr/tokens";
import { denied } from "./registry-error";

/** A registry of ECR: all that an account has in a region. */
export interface Place {
  readonly aws: Aws;
  readonly region: string;
}

/** A request's place and the key of its caller. */
export interface Caller extends Place {
  readonly accessKeyId: string;
}

/**
 * The caller that a Basic login names, by the token that GetAuthorizationToken gave in this region; undefined if there is no login, or one that is
 * expired or foreign.
 */
export function callerOf(place: Place, authorization: string | undefined): Caller | undefined {
  const [, encoded = ""] = /^Basic\s+(\S+)$/i.exec(authorization ?? "") ?? [];
  const [user, ...password] = Buffer.from(encoded, "base64").toString().split(":");
  const token = place.aws.state(place.region).ecrTokens[password.join(":")];
  if (user !== ECR_USER || !token || token.expiresAt <= place.aws.now()) return undefined;
  return { ...place, accessKeyId: token.accessKeyId };
}

/**
 * Asks IAM, as for a call of ECR's API.
 *
 * @param more what else the call would say, such as `tags`
 * @throws RegistryError 403, in ECR's words
 */
export async function authorize(caller: Caller, action: string, repositoryName: string, more: object = {}) {
  const { aws, region, accessKeyId } = caller;
  const input = { repositoryName, ...more };
  try {
    await aws.hooks.raise("Request", { service: "ecr", action, region, accessKeyId, input });
  } catch (error) {
    throw error instanceof AwsError ? denied(error.message) : error;
  }
}
