import { createServer } from "node:http";
import { join } from "node:path";
import { listenAt } from "../run/listen";
import { startInRun } from "../run/process";
import type { LabRun } from "../run/run";
import { answerMetadata, type MachineMetadata, type TokenStore } from "./metadata";

/** The metadata service of one run: one for all its machines, told apart by their addresses. */
export interface MetadataService {
  /** From now on answers the machine at `metadata.localIpv4`. */
  readonly serve: (metadata: MachineMetadata) => void;
  readonly forget: (localIpv4: string) => void;
  readonly close: () => void;
}

/** Starts the metadata service at 169.254.169.254 of the run's network, which must be up. */
export async function startMetadataService(run: LabRun): Promise<MetadataService> {
  const machines = new Map<string, { metadata: MachineMetadata; tokens: TokenStore }>();
  const server = createServer((request, response) => {
    const machine = machines.get(String(request.headers["x-lab-source"]));
    const asked = { method: request.method ?? "GET", path: request.url ?? "/", headers: request.headers };
    const answer = machine
      ? answerMetadata(machine.metadata, machine.tokens, asked, Date.now())
      : { status: 404, body: "" };
    response.writeHead(answer.status, {
      "content-type": "text/plain",
      ...answer.headers,
      ...(answer.hopLimit === undefined ? {} : { "x-lab-hop-limit": String(answer.hopLimit) }),
    });
    response.end(answer.body);
  });
  const socketPath = join(run.directory, "metadata.sock");
  await listenAt(server, socketPath);
  await startInRun(run, ["python3", "-u", join(__dirname, "metadata-relay.py"), socketPath], { readyLine: /^ready$/ });
  return {
    serve: (metadata) => void machines.set(metadata.localIpv4, { metadata, tokens: new Map() }),
    forget: (localIpv4) => void machines.delete(localIpv4),
    close: () => void server.close(),
  };
}
