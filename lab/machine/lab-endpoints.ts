import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { issueCertificate } from "../run/certificate";
import { listenAt } from "../run/listen";
import type { LabRun } from "../run/run";
import { exposeInLab, labAddresses } from "./lab-network";

/** Host names of AWS endpoints in these regions: services, buckets, and what lies below ECR. */
function endpointNames(regions: readonly string[], domain: string): string[] {
  const regional = regions.flatMap((region) => {
    const below = `${region}.${domain}`;
    return [`*.${below}`, `*.s3.${below}`, `*.ecr.${below}`, `*.dkr.ecr.${below}`];
  });
  return [`*.${domain}`, `*.s3.${domain}`, ...regional];
}

/**
 * Lets machines reach AWS by its real names, over TLS that they trust. The name server answers 10.0.0.2 for all of them. Traffic to that address is
 * passed on, as it came, to an emulated AWS that this process can reach.
 */
export async function startEndpoints(
  run: LabRun,
  to: { readonly url: string; readonly regions: readonly string[]; readonly domain?: string },
): Promise<void> {
  const { keyFile, certificateFile } = await issueCertificate(
    run,
    endpointNames(to.regions, to.domain ?? "amazonaws.com"),
  );
  const { port, hostname } = new URL(to.url);
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, (socket) => {
    const upstream = connect(Number(port), hostname);
    const end = () => {
      socket.destroy();
      upstream.destroy();
    };
    socket.on("error", end).on("close", end).pipe(upstream);
    upstream.on("error", end).on("close", end).pipe(socket);
  });
  const socketPath = join(run.directory, "endpoints.sock");
  await listenAt(server, socketPath);
  await exposeInLab(run, labAddresses.endpoints, 443, socketPath);
}
