/** Instances: moto keeps them. This file fixes client tokens, what a launch honours, and what termination leaves. It emits the events. */
import type {
  Instance,
  InstanceStateChange,
  Reservation,
  RunInstancesRequest,
  StartInstancesRequest,
  StopInstancesRequest,
  TerminateInstancesRequest,
} from "@aws-sdk/client-ec2";
import { isObject } from "../../../../lib/is-object";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import { releaseFromGroups, replaceInGroups } from "../auto-scaling/scaling";
import { emitInstanceState } from "./events";
import { instanceById } from "./instance-lookup";
import { launch } from "./launch";

/**
 * "If you retry a request that completed successfully using the same client token and parameters, the retry succeeds
 * without performing any further actions" (EC2, "Ensuring idempotency"). Other parameters are an error. Tokens are shared
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
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => a.localeCompare(b))) : member,
  );
}

async function terminateInstances(input: TerminateInstancesRequest, call: Call) {
  const ids = [...new Set(input.InstanceIds)];
  const instances = await Promise.all(ids.map((id) => instanceById(call, id)));
  // moto trips over instances that are terminated already; EC2 says so and goes on.
  const living = instances.filter(({ State }) => State?.Name !== "terminated");
  const gone = instances.filter((instance) => !living.includes(instance)).map(stillTerminated);
  if (living.length === 0 && gone.length > 0) return { TerminatingInstances: gone };
  const InstanceIds = living.map(({ InstanceId = "" }) => InstanceId);
  // moto would replace a group's instance itself, past every hook.
  const groups = await releaseFromGroups(call, InstanceIds);
  const { TerminatingInstances = [] } = await call.forward<{ TerminatingInstances?: InstanceStateChange[] }>({
    InstanceIds,
  });
  for (const instance of living) await afterTermination(call, instance);
  await replaceInGroups(call, groups);
  return { TerminatingInstances: [...TerminatingInstances, ...gone] };
}

function stillTerminated({ InstanceId, State }: Instance): InstanceStateChange {
  return { InstanceId, CurrentState: State, PreviousState: State };
}

async function afterTermination(call: Call, instance: Instance): Promise<void> {
  const { aws, region } = call;
  const { InstanceId: instanceId = "", BlockDeviceMappings = [] } = instance;
  await emitInstanceState(aws, region, instanceId, "shutting-down");
  await aws.hooks.raise("TerminateInstances", { region, instanceId });
  for (const { Ebs } of BlockDeviceMappings) {
    if (!Ebs?.DeleteOnTermination || !Ebs.VolumeId) continue;
    delete call.state.volumes[Ebs.VolumeId];
    await aws.hooks.raise("DeleteVolume", { region, volumeId: Ebs.VolumeId });
  }
  aws.agenda.at(aws.now(), () => void emitInstanceState(aws, region, instanceId, "terminated"));
}

/** @throws AwsError if an instance is in none of these states: moto starts and stops even terminated instances */
async function checkStates(call: Call, ids: readonly string[] = [], states: readonly string[]): Promise<void> {
  for (const id of ids) {
    const state = (await instanceById(call, id)).State?.Name ?? "";
    if (states.includes(state)) continue;
    const message = `The instance '${id}' is not in a state from which it can be started or stopped: ${state}`;
    throw new AwsError("IncorrectInstanceState", message);
  }
}

async function stopInstances(input: StopInstancesRequest, call: Call) {
  await checkStates(call, input.InstanceIds, ["pending", "running", "stopping", "stopped"]);
  const answer = await call.forward(input);
  for (const instanceId of input.InstanceIds ?? []) {
    await emitInstanceState(call.aws, call.region, instanceId, "stopping");
    await call.aws.hooks.raise("StopInstances", { region: call.region, instanceId });
    call.aws.agenda.at(call.aws.now(), () => void emitInstanceState(call.aws, call.region, instanceId, "stopped"));
  }
  return answer;
}

async function startInstances(input: StartInstancesRequest, call: Call) {
  await checkStates(call, input.InstanceIds, ["pending", "running", "stopped"]);
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
