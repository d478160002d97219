/** P1, P2, P3, P9: first starts on workers of every kind, in turns, so that what the machine does meanwhile meets all alike. */
import { GP3_AS_PUBLISHED, type Loading } from "../../lab/volume/lazy-loading";
import type { Snapshot } from "../../lab/volume/snapshot";
import { measureBuild } from "./builds";
import {
  type Circumstances,
  COMMANDS,
  type CommandKind,
  type VolumeKind,
  type WorkerKind,
  type WorkerResults,
  type WorkerTurn,
} from "./results";
import { tryTwice } from "./try-twice";
import { measureWorker, type WorkerSpec } from "./workers";
import type { World } from "./world";

const PROFILES: Readonly<Record<"15ms" | "gp3", Loading>> = { "15ms": { firstTouchMs: 15 }, gp3: GP3_AS_PUBLISHED };

interface Boot extends WorkerSpec {
  readonly volume: VolumeKind;
}

/**
 * The workers of one turn. One that pulls runs all commands, for a pull takes half a minute: each is counted as if it came behind the pull at once. A
 * volume that has been loaded goes the same way through the emulation as one that has not: it only waits for nothing. Reading every file with nothing
 * read ahead would take minutes, and is left out.
 */
function bootsOf(snapshot: Snapshot): Boot[] {
  const warm = (volume: VolumeKind, command: CommandKind, loading: Loading, hydrate: "hot" | "all" | "none"): Boot => ({
    volume,
    commands: [command],
    cache: { snapshot, loading, hydrate },
  });
  const lazy = (["15ms", "gp3"] as const).flatMap((profile) => [
    ...(["traced", "other"] as const).flatMap((command) =>
      (["none", "hot", "all"] as const).map((hydrate) =>
        warm(`${profile}-${hydrate}`, command, PROFILES[profile], hydrate),
      ),
    ),
    warm(`${profile}-all`, "all", PROFILES[profile], "all"),
  ]);
  return [
    { volume: "cold-1g", commands: COMMANDS, networkMbitPerSecond: 1000 },
    ...COMMANDS.map((command) => warm("loaded", command, { firstTouchMs: 0 }, "none")),
    ...lazy,
  ];
}

/** Builds once, then boots every kind of worker as often as is wanted. A worker that fails twice is reported, and the others go on. */
export async function measureWorkers(
  world: World,
  { repetitions, only }: { readonly repetitions: number; readonly only: RegExp },
  say: (line: string) => void,
): Promise<Omit<WorkerResults, Exclude<keyof Circumstances, "docker">>> {
  const snapshot = [...world.cloud.snapshots.values()].at(-1) ?? (await measureBuild(world)).snapshot;
  if (!snapshot) throw new Error("no snapshot");
  const kinds: Partial<Record<WorkerKind, WorkerTurn[]>> = {};
  const failed: string[] = [];
  let docker = "";
  const boots = bootsOf(snapshot).filter(({ volume, commands }) => only.test(`${volume}/${commands.join("+")}`));
  const began = Date.now();
  for (let turn = 1; turn <= repetitions; turn++) {
    for (const [index, boot] of boots.entries()) {
      const name = `${boot.volume}/${boot.commands.join("+")}, turn ${turn}`;
      const done = `${(turn - 1) * boots.length + index + 1} of ${repetitions * boots.length}`;
      try {
        const times = await tryTwice(() => measureWorker(world, boot), name, say);
        docker = times.docker;
        for (const [command, figures] of Object.entries(times.commands) as [CommandKind, Omit<WorkerTurn, "turn">][]) {
          const kind: WorkerKind = `${boot.volume}/${command}`;
          kinds[kind] = [...(kinds[kind] ?? []), rounded({ turn, ...figures })];
          say(`${done}, ${Math.round((Date.now() - began) / 1000)} s: ${kind}: ${told(figures)}`);
        }
      } catch (error) {
        failed.push(`${name}: ${(error as Error).message.split("\n")[0]}`);
        say(`${name}: FAILED: ${(error as Error).message}`);
      }
    }
  }
  return { docker, cachedBytes: snapshot.fullBytes, kinds, failed };
}

function told({ docker, script, run, boot }: Omit<WorkerTurn, "turn">): string {
  const s = (seconds: number) => `${seconds.toFixed(2)} s`;
  return `Docker after ${s(docker)}, script after ${s(script)}, first run ${s(run)}, ended after ${s(boot)}`;
}

/** To milliseconds. */
function rounded(turn: WorkerTurn): WorkerTurn {
  const entries = Object.entries(turn).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Math.round(value * 1000) / 1000]),
  ) as unknown as WorkerTurn;
}
