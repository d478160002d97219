import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exposeInLab, labAddresses, registryHost, upstreamHosts } from "../machine/lab-network";
import { issueCertificate } from "../run/certificate";
import { endProcess, type LabProcess, startInRun } from "../run/process";
import { inRun, type LabRun, labDirectory, pathFromHost } from "../run/run";
import { type RegistryFaults, startFaultyFront } from "./registry-faults";

/** A Docker registry at `registry.lab`, over TLS that every machine trusts. */
export interface LabRegistry {
  /** `registry.lab`: what image references begin with. */
  readonly host: string;
  /** Its storage, as this process can write to it: see `writeImage`. What is changed here is gone with the run. */
  readonly storage: string;
  /** Switches it off: connections are refused. */
  readonly stop: () => Promise<void>;
}

/** Starts the run's registry with the images that lab/setup made (see `writeLabImages`). With `faults`, what it answers can be spoiled. */
export async function startRegistry(run: LabRun, faults?: RegistryFaults): Promise<LabRegistry> {
  const storage = await mountStorage(run);
  const certificate = await issueCertificate(run, [registryHost, `*.${registryHost}`, ...upstreamHosts]);
  const directory = join(run.directory, "registry");
  mkdirSync(directory, { recursive: true });
  const behind = join(directory, "behind.sock");
  const listen = faults
    ? { addr: behind, net: "unix" }
    : {
        addr: `${labAddresses.registry}:443`,
        tls: { certificate: certificate.certificateFile, key: certificate.keyFile },
      };
  const configuration = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage } },
    http: { ...listen, secret: run.id, headers: { "X-Content-Type-Options": ["nosniff"] } },
  };
  const file = join(directory, "configuration.yml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration));
  const processes = [await startInRun(run, ["docker-registry", "serve", file], { log: "registry/log" })];
  if (faults) processes.push(await putInFront(run, directory, behind, certificate, faults));
  await waitUntilItAnswers(run);
  return { host: registryHost, storage: pathFromHost(run, storage), stop: () => stopAll(processes) };
}

/** The cached storages below, BuildKit's only if there is one, a layer of the run's own above them: nobody writes to the cache. */
async function mountStorage(run: LabRun): Promise<string> {
  const [upper, work, storage] = ["upper", "work", "storage"].map((name) => join(run.store, "registry", name));
  const [cached, buildkit] = ["registry", "buildkit"].map((name) => join(labDirectory, name, "current"));
  const script = `
    [[ -d $1/docker ]] || { echo "no images in $1: run lab/setup" >&2; exit 1; }
    mkdir --parents "$2" "$3" "$4"
    lower=$1
    if [[ -d $5/docker ]]; then lower+=:$5; fi
    mountpoint --quiet "$4" || mount -t overlay -o "lowerdir=$lower,upperdir=$2,workdir=$3" overlay "$4"`;
  await inRun(run, ["bash", "-o", "errexit", "-c", script, "storage", cached!, upper!, work!, storage!, buildkit!]);
  return storage!;
}

async function putInFront(
  run: LabRun,
  directory: string,
  behind: string,
  certificate: Parameters<typeof startFaultyFront>[1],
  faults: RegistryFaults,
): Promise<LabProcess> {
  const front = join(directory, "front.sock");
  await startFaultyFront(front, certificate, behind, faults);
  return exposeInLab(run, labAddresses.registry, 443, front);
}

async function waitUntilItAnswers(run: LabRun): Promise<void> {
  const script = `for _ in {1..100}; do (exec 3<>/dev/tcp/$1/443) 2>/dev/null && exit; sleep 0.05; done; echo "no registry at $1:443" >&2; exit 1`;
  await inRun(run, ["bash", "-c", script, "wait", labAddresses.registry]);
}

async function stopAll(processes: readonly LabProcess[]): Promise<void> {
  for (const labProcess of processes) await endProcess(labProcess);
}
