import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command";
import { type LabRun, labDirectory } from "./run";

/** A server's certificate, signed by the lab's authority, which every machine trusts. */
export interface LabCertificate {
  readonly keyFile: string;
  readonly certificateFile: string;
}

/** Issues a certificate for these host names (`*.example` too); the files go with the run. */
export async function issueCertificate(run: LabRun, names: readonly string[]): Promise<LabCertificate> {
  const authority = join(labDirectory, "authority");
  if (!existsSync(join(authority, "key.pem")))
    throw new Error(`no certificate authority in ${authority}: run lab/setup`);
  const base = join(run.directory, `certificate-${names[0]!.replace("*", "any")}`);
  const files = { keyFile: `${base}.key`, certificateFile: `${base}.pem` };
  const signing = ["-CA", join(authority, "certificate.pem"), "-CAkey", join(authority, "key.pem"), "-days", "30"];
  const subject = [
    "-subj",
    "/CN=docker-cache-lab",
    // Else it would be an authority itself, and one without key usage, which Python 3.13 and later refuse.
    "-addext",
    "basicConstraints=critical,CA:FALSE",
    "-addext",
    "keyUsage=critical,digitalSignature",
    "-addext",
    "extendedKeyUsage=serverAuth",
    "-addext",
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`,
  ];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", files.keyFile];
  await runCommand(["openssl", "req", "-x509", ...key, ...signing, ...subject, "-out", files.certificateFile]);
  return files;
}
