/** P6: a build of an application on machines that live for one job: without a cache, and with one in S3 and in ECR; in turns. */
import type { Machine } from "../../lab/machine/machine";
import { shellIn } from "../../lab/machine/machine-shell";
import { BUILDER_IMAGE, type BuildxJob, forgetBuilder, runBuildx } from "../../lab/product/buildx-job";
import type { Credentials } from "../../lab/product/plugin-job";
import { repositories } from "../../lib/layer-cache";
import { bootAgent, dockerOf, removeAgents, roleFor } from "./agents";
import { BACKENDS, type Backend, type Circumstances, LAYER_WAYS, type LayerResults, type LayerWay } from "./results";
import { REGION, type World } from "./world";

const ENTRY = "bench";
const BUCKET = "docker-cache-bench";
/** What is built is pushed here, as jobs do. */
const REPOSITORY = "bench/app";
const BASE = "registry.lab/base:1";
/** What dependencies, the application and what comes last take a compiler, and what they leave behind. */
const STEPS = { dependencies: [20, 40], application: [15, 10], last: [3, 1] } as const;

/** A RUN that works for some seconds and leaves so many MB, in files that do not compress. */
function work(step: keyof typeof STEPS, turn: number): string {
  const [length, megabytes] = STEPS[step];
  const seconds = turn === 0 ? 0 : length;
  const files = megabytes * 20;
  const python = [
    "import os, random, time",
    `end = time.time() + ${seconds}`,
    `random.seed("${step} ${turn}")`,
    `os.makedirs("/made/${step}")`,
    `[open(f"/made/${step}/{n}", "wb").write(random.randbytes(50_000)) for n in range(${files})]`,
    "any(iter(lambda: time.time() > end, True))",
  ].join("; ");
  return `RUN python3 -c '${python}'`;
}

/** Each turn's is another content, which no cache has. */
const dockerfile = (turn: number) => `FROM ${BASE} AS dependencies
COPY dependencies /source/
${work("dependencies", turn)}
FROM dependencies AS application
COPY application /source/
${work("application", turn)}
FROM ${BASE}
COPY --from=application /made/ /made/
COPY last /source/
${work("last", turn)}
`;

/** Builds each turn without a cache, and then with each backend: first, the same on another fresh machine, and with a late change on a third. */
export async function measureLayers(
  world: World,
  repetitions: number,
  say: (line: string) => void,
): Promise<Omit<LayerResults, Exclude<keyof Circumstances, "docker">>> {
  const as = await roleFor(world, "layers", ["ecr", "s3"]);
  await makePlaces(world);
  const machine = await bootAgent(world, [BUILDER_IMAGE]);
  try {
    const docker = await dockerOf(machine);
    // The base's layers reach the repository with the first push.
    await measureBuild(machine, as, "plain", 0);
    const ways = Object.fromEntries(KINDS.map((way) => [way, []])) as unknown as Ways;
    for (let turn = 1; turn <= repetitions; turn++) {
      for (const way of KINDS) {
        const seconds = await measureBuild(machine, as, way, turn);
        ways[way].push({ turn, seconds });
        say(`turn ${turn}: ${way}: ${seconds.toFixed(2)} s`);
      }
    }
    return { docker, ways };
  } finally {
    await removeAgents([machine]);
  }
}

type Ways = Record<LayerWay, { turn: number; seconds: number }[]>;
const KINDS: readonly LayerWay[] = [
  "plain",
  ...BACKENDS.flatMap((backend) => LAYER_WAYS.map((way) => `${backend}-${way}` as const)),
];

async function makePlaces({ aws: { aws } }: World): Promise<void> {
  const call = (service: string, action: string, input: object) => aws.call({ service, action, region: REGION }, input);
  const CreateBucketConfiguration = { LocationConstraint: REGION };
  await call("s3", "CreateBucket", { Bucket: BUCKET, CreateBucketConfiguration });
  const names = [REPOSITORY, ...Object.values(repositories(ENTRY))];
  for (const repositoryName of names) await call("ecr", "CreateRepository", { repositoryName });
}

/** Builds on a machine that has nothing but the builder's image. What is measured begins with the making of the builder. */
async function measureBuild(machine: Machine, as: Credentials, way: LayerWay, turn: number): Promise<number> {
  await forgetBuilder(machine);
  await logIn(machine, as);
  // What was written before would be written while this one is timed.
  await shellIn(machine, "sync");
  const { status, seconds, log } = await runBuildx(machine, jobOf(as, way, turn));
  if (status !== 0) throw new Error(`${way}: the build ended with ${status}: ${log}`);
  return Math.round(seconds * 1000) / 1000;
}

function jobOf(as: Credentials, way: LayerWay, turn: number): BuildxJob {
  const backend: Backend = way.startsWith("ecr") ? "ecr" : "s3";
  const last = way.endsWith("late") ? `changed in turn ${turn}\n` : "as it was\n";
  return {
    as,
    settings: {
      job_set_entry: ENTRY,
      job_set_region: REGION,
      job_set_backend: backend,
      job_set_bucket: BUCKET,
      job_set_account: ACCOUNT,
      job_set_protected: "main",
      job_set_builder: "docker-cache",
      job_set_image: BUILDER_IMAGE,
      job_set_keep_gib: "20",
    },
    options: ["--app", "bench", "--branch", `turn-${turn}`, ...(way === "plain" ? ["--plain"] : [])],
    // Each backend pushes its own tag; a plain build's is another still, so that none finds the layers of the one before in the repository.
    arguments: ["--push", "--tag", `${HOST}/${REPOSITORY}:${way.split("-")[0]}-${turn}`],
    output: "as said",
    files: { Dockerfile: dockerfile(turn), dependencies: "1\n", application: "1\n", last },
    limit: 900,
  };
}

const ACCOUNT = "123456789012";
const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;

/** The user's own login, which pushes what is built. */
async function logIn(machine: Machine, as: Credentials): Promise<void> {
  const variables = Object.entries(as).map(([name, value]) => `export ${name}='${value}'`);
  const password = `aws ecr get-login-password --region ${REGION}`;
  await shellIn(
    machine,
    `${variables.join("\n")}\n${password} | docker login --username AWS --password-stdin ${HOST} 2>/dev/null`,
  );
}
