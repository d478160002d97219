/** P7: a job's image of dependencies: built because nobody has it, pulled from ECR, and on disk already; in turns. */
import type { Machine } from "../../lab/machine/machine";
import { shellIn } from "../../lab/machine/machine-shell";
import { calm, type JobRequests, watchRequests } from "../../lab/product/job-requests";
import { type Credentials, installPlugin, runJob } from "../../lab/product/plugin-job";
import { bootAgent, dockerOf, removeAgents, roleFor } from "./agents";
import { LANGUAGE } from "./commands";
import type { Circumstances, ImageResults, ImageTurn, ImageWay } from "./results";
import type { World } from "./world";

const REPOSITORY = "build-cache/bench";
/** Packages of the language image that the build installs: each has 320 modules, which it copies and compiles. */
const PACKAGES = 2;
/** Time for which the build works besides, as a compiler does or a slow source: what installing dependencies takes, and does not leave behind. */
const WORK_SECONDS = 90;

/** As an installation of dependencies does: it writes many files, and works. Each turn's is another one, which no build cache has. */
const dockerfile = (turn: number) => `FROM ${LANGUAGE}
RUN : turn ${turn} && mkdir /opt/own && cd /opt/lab && cp -r $(ls | grep language | head -n ${PACKAGES}) /opt/own && python3 -m compileall -q -f /opt/own
RUN : turn ${turn} && python3 -c 'import time; end = time.time() + ${turn === 0 ? 0 : WORK_SECONDS}; any(iter(lambda: time.time() > end, True))'
`;

/** Boots two machines that have the base image, and runs each turn's job on the first, on the second, and there again. */
export async function measureImages(
  world: World,
  repetitions: number,
  say: (line: string) => void,
): Promise<Omit<ImageResults, Exclude<keyof Circumstances, "docker">>> {
  const machines: Machine[] = [];
  const jobs: Jobs = { as: await roleFor(world, "bench", ["ecr"]), requests: watchRequests(world.aws, world.ecr) };
  try {
    await Promise.all(["builds", "pulls"].map(async () => machines.push(await bootAgent(world, [LANGUAGE]))));
    for (const machine of machines) await installPlugin(machine);
    const [builds, pulls] = machines as [Machine, Machine];
    const docker = await dockerOf(builds);
    // The base's layers reach the repository with the first push, and are known as the repository's on a machine that has pulled from it, or has a
    // cache with images_from.
    for (const machine of [builds, pulls]) await measureJob(jobs, machine, 0);
    const ways: Record<ImageWay, ImageTurn[]> = { miss: [], registry: [], disk: [] };
    for (let turn = 1; turn <= repetitions; turn++) {
      for (const [way, machine] of [
        ["miss", builds],
        ["registry", pulls],
        ["disk", pulls],
      ] as const) {
        const measured = await measureJob(jobs, machine, turn);
        ways[way].push({ turn, ...measured });
        say(`turn ${turn}: ${way}: ${measured.seconds.toFixed(2)} s, ${measured.requests} requests`);
      }
    }
    return { docker, ways };
  } finally {
    await removeAgents(machines);
  }
}

interface Jobs {
  readonly as: Credentials;
  readonly requests: JobRequests;
}

/** Runs a job, and counts what it asks of AWS. */
async function measureJob({ as, requests }: Jobs, machine: Machine, turn: number): Promise<Omit<ImageTurn, "turn">> {
  calm(requests);
  const { status, seconds, log } = await runJob(machine, {
    as,
    options: { "ecr-name": REPOSITORY },
    files: { Dockerfile: dockerfile(turn) },
    command: "true",
  });
  if (status !== 0) throw new Error(`the job ended with ${status}: ${log}`);
  // What it wrote would be written while the next one is timed.
  await shellIn(machine, "sync");
  return { seconds: Math.round(seconds * 1000) / 1000, requests: requests.api.length + requests.registry.length };
}
