/** AWS's endpoints inside the lab: TLS under their real names, by a certificate that machines trust, in front of the emulated AWS. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { issueCertificate } from "../machine/lab-certificate";
import { exposeInLab, labAddresses } from "../machine/lab-network";
import type { Cloud } from "./cloud";

/** Makes `https://<service>.<region>.amazonaws.com` reach the emulated AWS from every machine. */
export async function exposeEndpoints({ aws, lab, options }: Cloud): Promise<void> {
  const names = options.regions.flatMap((region) => [`*.${region}.amazonaws.com`, `*.dkr.ecr.${region}.amazonaws.com`]);
  const { keyFile, certificateFile } = await issueCertificate(lab.run, ["*.amazonaws.com", ...names]);
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, (socket) => {
    const front = connect(Number(new URL(aws.endpointUrl).port), "127.0.0.1");
    const end = () => {
      socket.destroy();
      front.destroy();
    };
    socket.on("error", end).on("close", end).pipe(front);
    front.on("error", end).on("close", end).pipe(socket);
  });
  const path = join(lab.run.directory, "endpoints.sock");
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  server.unref();
  await exposeInLab(lab.run, labAddresses.endpoints, 443, path);
}
