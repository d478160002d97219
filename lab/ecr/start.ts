/** Starts ECR's registries: one for all regions of an emulated AWS, reached by their real names. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { EmulatedAws } from "../aws/server/start";
import { labAddresses } from "../machine/lab-network";
import { faultyListener, type RegistryFaults } from "../registry/registry-faults";
import { listenAt } from "../run/listen";
import { endProcess, startInRun } from "../run/process";
import { type LabRun, labDirectory } from "../run/run";
import { checkPutImage } from "./api";
import { backendAt } from "./backend";
import { LAYER_HOST } from "./layers";
import { type PullThroughSettings, pullThrough } from "./pull-through";
import { ECR_HOST, ecrListener } from "./server";

/** The running registries. */
export interface LabEcr {
  /** May be changed at any time: decides about each request, to the buckets of layers too. */
  faults: RegistryFaults;
  /** May be changed at any time. */
  readonly settings: PullThroughSettings;
  /** Switches it off: connections are closed without an answer. Returns when the registry behind has ended. */
  stop(): Promise<void>;
}

/** ECR's own limit is not known. */
const UPSTREAM_TIMEOUT_MILLISECONDS = 20_000;

/** Starts them in a run, whose registry plays the upstream ones. */
export async function startEcr(run: LabRun, aws: EmulatedAws): Promise<LabEcr> {
  const directory = join(run.directory, "ecr");
  mkdirSync(directory, { recursive: true });
  const paths = {
    behind: join(directory, "behind.sock"),
    upstream: join(directory, "upstream.sock"),
    own: join(directory, "own.sock"),
  };
  const processes = [await startBehind(run, directory, paths.behind), await startRoute(run, paths.upstream)];
  const settings: PullThroughSettings = {
    headOfUncached: "import",
    upstreamTimeoutMilliseconds: UPSTREAM_TIMEOUT_MILLISECONDS,
  };
  const route = {
    socketPath: paths.upstream,
    authority: readFileSync(join(labDirectory, "authority", "certificate.pem")),
    timeoutMilliseconds: () => settings.upstreamTimeoutMilliseconds,
  };
  const backend = backendAt(paths.behind);
  const server = createServer(
    ecrListener({ aws: aws.aws, backend, pullThrough: pullThrough(backend, route, settings) }),
  );
  await listenAt(server, paths.own);
  const forget = [ECR_HOST, LAYER_HOST].map((host) =>
    aws.serveHost(
      host,
      faultyListener(paths.own, (request) => ecr.faults(request)),
    ),
  );
  forget.push(aws.hooks.on("Request", (call) => checkPutImage(aws.aws, call)));
  const ecr: LabEcr = {
    faults: () => undefined,
    settings,
    async stop() {
      for (const host of [ECR_HOST, LAYER_HOST]) aws.serveHost(host, (request) => request.socket.destroy());
      for (const end of forget) end();
      server.close();
      for (const one of processes) await endProcess(one);
    },
  };
  return ecr;
}

/** The registry that keeps the layers. What it is not asked for by the front, nobody sees. */
async function startBehind(run: LabRun, directory: string, socketPath: string) {
  const configuration = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(run.store, "ecr") } },
    http: { addr: socketPath, net: "unix", secret: run.id, relativeurls: true },
  };
  const file = join(directory, "configuration.yml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration));
  return startInRun(run, ["docker-registry", "serve", file], { log: "ecr/log" });
}

/** A way from here to the upstream registries at their address in the run's network. */
function startRoute(run: LabRun, socketPath: string) {
  const listen = `UNIX-LISTEN:${socketPath},fork`;
  return startInRun(run, ["socat", listen, `TCP:${labAddresses.registry}:443`], { log: "ecr/route.log" });
}
