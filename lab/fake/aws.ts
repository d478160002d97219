/**
 * A small region in memory, at the level of the SDK's commands. It answers what rotation calls, with pages, delays before a new thing is
 * seen, states that take time, and EC2's errors. The code under test runs over it with its real adapters.
 */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Clients } from "../../lambda-src/rotation/aws/clients";
import { awsPorts } from "../../lambda-src/rotation/aws/ports";
import type { Ports } from "../../lambda-src/rotation/ports";
import { instanceCommands } from "./instances";
import { parameterCommands } from "./parameters";
import type { Command, FakeAws } from "./region";
import { snapshotCommands } from "./snapshots";
import { templateCommands } from "./templates";

const COMMANDS: Readonly<Record<string, Command>> = {
  ...parameterCommands,
  ...snapshotCommands,
  ...templateCommands,
  ...instanceCommands,
};

/** Carries out one command at once. */
export function carryOut(fake: FakeAws, name: string, input: object): unknown {
  const command = COMMANDS[name];
  if (!command) throw new Error(`the fake knows no ${name}`);
  fake.calls.push(name);
  return command(fake, input as never);
}

/** Around every command: may wait, throw before it or throw after it. */
export type Around = (name: string, carry: () => unknown) => Promise<unknown>;

const atOnce: Around = async (_name, carry) => carry();

/** Clients whose `send` ends in the fake; pagination and adapters are the real ones. */
export function fakeClients(fake: FakeAws, around: Around = atOnce): Clients {
  const send = (command: { constructor: { name: string }; input: object }) =>
    around(command.constructor.name, () => carryOut(fake, command.constructor.name, command.input));
  const like = <T extends object>(prototype: T): T => Object.assign(Object.create(prototype) as T, { send });
  return {
    ec2: like(EC2Client.prototype),
    ssm: like(SSMClient.prototype),
    autoScaling: like(AutoScalingClient.prototype),
  };
}

/** Ports over the fake; sleeping moves its clock. */
export function fakePorts(fake: FakeAws, around?: Around): Ports {
  const clock = {
    now: () => fake.now,
    sleep: async (milliseconds: number) => {
      fake.now += milliseconds;
    },
  };
  return awsPorts(fake.region, fakeClients(fake, around), clock);
}
