/** Terraform for the quick start and the gate: the one on the PATH, else HashiCorp's release for this platform, checked against its signed checksums. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createMessage, readKey, readSignature, verify } from "openpgp";
import { toolVersions } from "./versions";

/** The release that is fetched if none is installed. 1.10 is the least that the S3 backend's native lock needs. */
export const [TERRAFORM_VERSION] = toolVersions("terraform");
/** Fingerprint of HashiCorp's release key (https://www.hashicorp.com/trust/security). The key itself is fetched and must match. */
const HASHICORP_KEY_FINGERPRINT = "c874011f0ab405110d02105534365d9472d7468f";

export interface TerraformSource {
  /** Address of the releases: `<url>/terraform/<version>/…`. */
  readonly releasesUrl: string;
  /** Address of the armored public key. */
  readonly keyUrl: string;
  readonly keyFingerprint: string;
}

const HASHICORP: TerraformSource = {
  releasesUrl: "https://releases.hashicorp.com",
  keyUrl: "https://www.hashicorp.com/.well-known/pgp-key.txt",
  keyFingerprint: HASHICORP_KEY_FINGERPRINT,
};

/** First `terraform` on the PATH, or undefined. */
export function findTerraform(path = process.env.PATH ?? ""): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, "terraform"))
    .find((file) => existsSync(file));
}

function platform(): string {
  const architecture = { x64: "amd64", arm64: "arm64" }[process.arch as string];
  if (!architecture || !["linux", "darwin"].includes(process.platform)) {
    throw new Error(
      `no Terraform release is fetched for ${process.platform}/${process.arch}: install Terraform 1.10 or later and put it on the PATH`,
    );
  }
  return `${process.platform}_${architecture}`;
}

async function download(url: string): Promise<Uint8Array> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  if (!answer.ok)
    throw new Error(`${url} answered ${answer.status}: install Terraform 1.10 or later and put it on the PATH`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** The checksum that the signed list gives for `file`. @throws if key, signature or entry is not as expected */
async function signedChecksum(source: TerraformSource, base: string, file: string): Promise<string> {
  const [sums, signature, armoredKey] = await Promise.all([
    download(`${base}_SHA256SUMS`),
    download(`${base}_SHA256SUMS.sig`),
    download(source.keyUrl),
  ]);
  const key = await readKey({ armoredKey: Buffer.from(armoredKey).toString() });
  if (key.getFingerprint() !== source.keyFingerprint) {
    throw new Error(
      `${source.keyUrl} holds key ${key.getFingerprint()}, expected ${source.keyFingerprint}: nothing was installed`,
    );
  }
  const result = await verify({
    message: await createMessage({ binary: sums }),
    signature: await readSignature({ binarySignature: signature }),
    verificationKeys: key,
    // A release stays good after its key has expired; the time of signing is what counts.
    date: null as unknown as Date,
  });
  await result.signatures[0]?.verified.catch((cause: unknown) => {
    throw new Error(`the signature of ${base}_SHA256SUMS is not good: nothing was installed`, { cause });
  });
  if (result.signatures.length === 0)
    throw new Error(`${base}_SHA256SUMS.sig holds no signature: nothing was installed`);
  const line = Buffer.from(sums)
    .toString()
    .split("\n")
    .find((text) => text.endsWith(`  ${file}`));
  if (!line) throw new Error(`${base}_SHA256SUMS does not name ${file}: nothing was installed`);
  return line.split(" ")[0] ?? "";
}

/** Installs the release below `folder` and returns the binary's path. Nothing is left half-written. */
export async function installTerraform(folder: string, source: TerraformSource = HASHICORP): Promise<string> {
  const target = join(folder, TERRAFORM_VERSION, "terraform");
  if (existsSync(target)) return target;
  const file = `terraform_${TERRAFORM_VERSION}_${platform()}.zip`;
  const base = `${source.releasesUrl}/terraform/${TERRAFORM_VERSION}/terraform_${TERRAFORM_VERSION}`;
  const expected = await signedChecksum(source, base, file);
  const zip = await download(`${source.releasesUrl}/terraform/${TERRAFORM_VERSION}/${file}`);
  const found = createHash("sha256").update(zip).digest("hex");
  if (found !== expected) throw new Error(`${file} has sha256 ${found}, expected ${expected}: nothing was installed`);
  mkdirSync(join(folder, TERRAFORM_VERSION), { recursive: true });
  const scratch = mkdtempSync(join(folder, "unpack-"));
  try {
    writeFileSync(join(scratch, file), zip);
    // Python is a prerequisite already (moto), and its standard library reads zip files.
    execFileSync("python3", ["-m", "zipfile", "-e", join(scratch, file), scratch]);
    chmodSync(join(scratch, "terraform"), 0o755);
    renameSync(join(scratch, "terraform"), target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return target;
}

/** A usable Terraform: the PATH's, else a fetched one. */
export async function ensureTerraform(folder: string): Promise<string> {
  return findTerraform() ?? installTerraform(folder);
}
