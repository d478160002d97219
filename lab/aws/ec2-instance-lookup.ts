/** Finding instances. */
import type { Instance } from "@aws-sdk/client-ec2";
import type { Call } from "./handler";

/** One instance as moto shows it. @throws AwsError InvalidInstanceID.NotFound */
export async function instanceById(call: Pick<Call, "aws" | "region">, id: string): Promise<Instance> {
  const target = { service: "ec2", action: "DescribeInstances", region: call.region };
  const { Reservations = [] } = await call.aws.moto<{ Reservations?: { Instances?: Instance[] }[] }>(target, {
    InstanceIds: [id],
  });
  return Reservations[0]?.Instances?.[0] ?? {};
}
