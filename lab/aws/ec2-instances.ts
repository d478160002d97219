/** Instances: moto keeps them. Mended here are client tokens, what a launch honours, and what termination leaves; told are the events. */
import type {
  InstanceStateChange,
  Reservation,
  RunInstancesRequest,
  StartInstancesRequest,
  StopInstancesRequest,
  TerminateInstancesRequest,
} from "@aws-sdk/client-ec2";
import { releaseFromGroups, replaceInGroups } from "./autoscaling-scale";
import { AwsError } from "./aws-error";
import { emitInstanceState } from "./ec2-events";
import { instanceById } from "./ec2-instance-lookup";
import { launch } from "./ec2-launch";
import type { Call, Handlers } from "./handler";

/**
 * "If you retry a request that completed successfully using the same client token and parameters, the retry succeeds
 * without performing any further actions" (EC2, "Ensuring idempotency"); other parameters are an error. Tokens are shared
 * by the whole account and region. A launch that failed has not used its token.
 */
async function runInstances(input: RunInstancesRequest, call: Call): Promise<Reservation> {
  const { ClientToken: token, ...parameters } = input;
  if (!token) return launch(call, input);
  const text = canonical(parameters);
  const earlier = call.state.launches[token];
  if (earlier) {
    if (earlier.parameters === text) return earlier.reservation;
    const message = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).";
    throw new AwsError("IdempotentParameterMismatch", message);
  }
  const reservation = launch(call, input);
  call.state.launches[token] = { parameters: text, reservation };
  return reservation.catch((error: Error) => {
    delete call.state.launches[token];
    throw error;
  });
}

/** A value as text that does not depend on the order of its members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => a.localeCompare(b)))
      : member,
  );
}

async function terminateInstances(input: TerminateInstancesRequest, call: Call) {
  const ids = input.InstanceIds ?? [];
  // moto would replace a group's instance itself, past every hook.
  const groups = await releaseFromGroups(call, ids);
  const volumes = await Promise.all(ids.map((id) => volumesThatGo(call, id)));
  const answer = await call.forward<{ TerminatingInstances?: InstanceStateChange[] }>(input);
  for (const [index, instanceId] of ids.entries()) {
    await emitInstanceState(call.aws, call.region, instanceId, "shutting-down");
    await call.aws.hooks.raise("TerminateInstances", { region: call.region, instanceId });
    for (const volumeId of volumes[index] ?? []) {
      delete call.state.volumes[volumeId];
      await call.aws.hooks.raise("DeleteVolume", { region: call.region, volumeId });
    }
    call.aws.agenda.at(call.aws.now(), () => void emitInstanceState(call.aws, call.region, instanceId, "terminated"));
  }
  await replaceInGroups(call, groups);
  return answer;
}

/** The volumes that are deleted with an instance. */
async function volumesThatGo(call: Call, instanceId: string): Promise<string[]> {
  const { BlockDeviceMappings = [] } = await instanceById(call, instanceId);
  return BlockDeviceMappings.flatMap(({ Ebs }) => (Ebs?.DeleteOnTermination && Ebs.VolumeId ? [Ebs.VolumeId] : []));
}

async function stopInstances(input: StopInstancesRequest, call: Call) {
  const answer = await call.forward(input);
  for (const instanceId of input.InstanceIds ?? []) {
    await emitInstanceState(call.aws, call.region, instanceId, "stopping");
    await call.aws.hooks.raise("StopInstances", { region: call.region, instanceId });
    call.aws.agenda.at(call.aws.now(), () => void emitInstanceState(call.aws, call.region, instanceId, "stopped"));
  }
  return answer;
}

async function startInstances(input: StartInstancesRequest, call: Call) {
  const answer = await call.forward(input);
  for (const instanceId of input.InstanceIds ?? []) {
    await emitInstanceState(call.aws, call.region, instanceId, "pending");
    await call.aws.hooks.raise("StartInstances", { region: call.region, instanceId });
    call.aws.agenda.at(call.aws.now(), () => void emitInstanceState(call.aws, call.region, instanceId, "running"));
  }
  return answer;
}

/** The handlers of this file. */
export const instanceHandlers: Handlers = {
  "ec2:RunInstances": runInstances,
  "ec2:StartInstances": startInstances,
  "ec2:StopInstances": stopInstances,
  "ec2:TerminateInstances": terminateInstances,
};
