/** The commands of the lab's prompt. */
import { spawn } from "node:child_process";
import { Command } from "commander";
import { commandInside, consoleOf } from "../machine/machine-shell";
import { replicateAll } from "../product/api-loop";
import { bootWorker, dockerRun, scheduledBuild, terminate } from "../product/machine-loop";
import { breakEvents, breakPower, breakRegistry, breakSnapshot, breakVolume } from "./breaking";
import { listSnapshots, machineOf, REGIONS, runRotation, tellFunctions, type World } from "./world";

/** Prints one line or several. */
export type Say = (...lines: readonly string[]) => void;

const MIB = 1024 * 1024;
const inMib = (bytes?: number) => (bytes === undefined ? "-" : `${Math.round(bytes / MIB)} MiB`).padStart(9);

/** A program whose commands act on `world()`. It neither prints by itself nor ends the process. */
export function promptCommands(world: () => World, say: Say): Command {
  const program = new Command("lab").exitOverride().helpCommand(true).configureOutput({ writeOut: say, writeErr: say });
  const add = (usage: string, what: string, act: (world: World, ...given: string[]) => Promise<unknown>) =>
    program
      .command(usage)
      .description(what)
      .action(async (...given: unknown[]) => {
        const words = given.filter((one): one is string => typeof one === "string");
        const result = await act(world(), ...words);
        if (typeof result === "string") say(result);
      });

  add("build", "run the builder's schedule, and tell rotation of the snapshot", (world) => build(world, say));
  add("worker [region]", "boot a worker from the launch template", async (world, region = REGIONS[0]) => {
    const { machine, status, seconds } = await bootWorker(world.deployed.loop, world.deployed.cloud, region);
    return `${machine.spec.id}: ${status.state}${status.reason && `, ${status.reason}`} (${seconds.toFixed(1)} s)`;
  });
  add(
    "run <image> [instance]",
    "docker run of an image on a machine, such as registry.lab/language:1",
    async (world, image = "", id) => {
      const { output, seconds } = await dockerRun(machineOf(world, id), image);
      return `${output.trim()}\n(${seconds.toFixed(1)} s)`;
    },
  );
  add("shell [instance]", "a root shell in a machine, the last one launched if none is named", (world, id) =>
    shell(world, id),
  );
  add("console [instance]", "what a machine wrote to its console", async (world, id) =>
    consoleOf(machineOf(world, id)),
  );
  add(
    "machines",
    "the machines that run",
    async ({ deployed }) => [...deployed.cloud.machines.keys()].join("\n") || "none",
  );
  add("snapshots", "all snapshots: size, increment, what is promoted", (world) => snapshots(world, say));
  add("rotate [region]", "run the rotation function as its schedule does", async (world, region = REGIONS[0]) =>
    say(...(await runRotation(world, region))),
  );
  add("copy", "move the clock past DLM's next run; the other region promotes its copy", async (world) =>
    say(...(await tellFunctions(world, await replicateAll(world.deployed.loop)))),
  );
  add("terminate [instance]", "terminate an instance", async (world, id) => {
    const machine = machineOf(world, id);
    await terminate(world.deployed.loop, machine.spec.metadata.region, machine);
    return `${machine.spec.id} is gone`;
  });
  add("break-power [instance]", "cut the power of a machine, a builder at work for instance", breakPower);
  add("break-volume <how>", "damage the cache volume: blank, half, superblock", (world, how = "") =>
    breakVolume(world, how),
  );
  add("break-snapshot [region]", "delete the promoted snapshot", breakSnapshot);
  add(
    "break-registry <how>",
    "make it refuse, stall, truncate or answer 429 (busy), or mend it",
    async (world, how = "") => breakRegistry(world, how),
  );
  add("break-events <how>", "events that are lost, come twice or backwards, or mend", async (world, how = "") =>
    breakEvents(world, how),
  );
  add("down", "end the lab and remove everything (so do Ctrl-D and Ctrl-C)", async () => undefined);
  return program;
}

async function build(world: World, say: Say): Promise<void> {
  const { log, events, seconds } = await scheduledBuild(world.deployed.loop, world.deployed.cloud, REGIONS[0]);
  say(...log, `(${seconds.toFixed(1)} s)`, ...(await tellFunctions(world, events)));
}

/** A shell of one's own terminal in the machine. */
async function shell(world: World, id?: string): Promise<string> {
  const [file, ...args] = await commandInside(machineOf(world, id), ["bash", "--login"]);
  const child = spawn(file, args, { stdio: "inherit" });
  const status = await new Promise((resolve) => child.once("exit", resolve));
  return `the shell ended with status ${status}`;
}

async function snapshots(world: World, say: Say): Promise<void> {
  const listed = await listSnapshots(world);
  if (listed.length === 0) say("none");
  for (const { region, id, state, promoted, fullBytes, incrementBytes } of listed) {
    say(
      `${region}  ${id}  ${inMib(fullBytes)} all, ${inMib(incrementBytes)} new  ${state}${promoted ? "  promoted" : ""}`,
    );
  }
}
