/** ECR's tokens: moto's is the same for all callers, and has expired since 2015. These are known by their password to `lab/ecr`. */
import { randomBytes } from "node:crypto";
import { HOUR_MILLISECONDS } from "../../../../lib/time";
import type { Call, Handlers } from "../../handler";

/** The only user that ECR knows. */
export const ECR_USER = "AWS";
const TOKEN_HOURS = 12;
/** About as long as AWS's. */
const PASSWORD_BYTES = 1400;

function getAuthorizationToken({ registryIds = [] }: { registryIds?: readonly string[] }, call: Call) {
  const { aws, region, accessKeyId } = call;
  const expiresAt = new Date(aws.now().getTime() + TOKEN_HOURS * HOUR_MILLISECONDS);
  const registries = registryIds.length > 0 ? registryIds : [aws.accountId];
  const authorizationData = registries.map((registry) => {
    const password = randomBytes(PASSWORD_BYTES).toString("base64url");
    call.state.ecrTokens[password] = { accessKeyId, expiresAt };
    return {
      authorizationToken: Buffer.from(`${ECR_USER}:${password}`).toString("base64"),
      expiresAt,
      proxyEndpoint: `https://${registry}.dkr.ecr.${region}.amazonaws.com`,
    };
  });
  return { authorizationData };
}

/** The handlers of this file. */
export const tokenHandlers: Handlers = { "ecr:GetAuthorizationToken": getAuthorizationToken };
