/** Finding instances: moto's, with what it forgets of images of one's own. */
import type { Instance, Reservation } from "@aws-sdk/client-ec2";
import type { Call, Handlers } from "../../handler";

/** One instance as it now is. @throws AwsError InvalidInstanceID.NotFound */
export async function instanceById(call: Pick<Call, "aws" | "region">, id: string): Promise<Instance> {
  const target = { service: "ec2", action: "DescribeInstances", region: call.region };
  const { Reservations = [] } = await call.aws.moto<{ Reservations?: Reservation[] }>(target, { InstanceIds: [id] });
  return mended(call, Reservations[0]?.Instances?.[0] ?? {});
}

async function describeInstances(input: object, call: Call) {
  const answer = await call.forward<{ Reservations?: Reservation[] }>(input);
  const reservations = answer.Reservations?.map((reservation) => ({
    ...reservation,
    Instances: reservation.Instances?.map((instance) => mended(call, instance)),
  }));
  return { ...answer, Reservations: reservations };
}

function mended({ aws, region }: Pick<Call, "aws" | "region">, instance: Instance): Instance {
  const image = aws.state(region).images[instance.ImageId ?? ""];
  if (!image) return instance;
  return {
    ...instance,
    RootDeviceName: image.rootDeviceName,
    Architecture: image.architecture as Instance["Architecture"],
  };
}

/** The handlers of this file. */
export const instanceLookupHandlers: Handlers = { "ec2:DescribeInstances": describeInstances };
