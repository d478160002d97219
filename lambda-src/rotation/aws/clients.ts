/** The SDK's clients: bounded attempts that slow down when AWS throttles, bounded time for each. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";

/** With 30 % of calls throttled, one in 170,000 fails ten times in a row. */
const MAX_ATTEMPTS = 10;
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true };

export interface Clients {
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  readonly autoScaling: AutoScalingClient;
}

/** Clients of one region; null: the region of the environment. */
export function createClients(region: string | null): Clients {
  const options = {
    ...(region !== null && { region }),
    retryMode: "adaptive",
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: TIMEOUTS,
  };
  return { ec2: new EC2Client(options), ssm: new SSMClient(options), autoScaling: new AutoScalingClient(options) };
}
