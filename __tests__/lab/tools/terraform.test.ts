import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMessage, generateKey, readPrivateKey, sign } from "openpgp";
import { findTerraform, installTerraform, TERRAFORM_VERSION, type TerraformSource } from "../../../lab/tools/terraform";

// Real programs, servers and keys.
jest.setTimeout(60_000);

const platform = `${process.platform}_${process.arch === "arm64" ? "arm64" : "amd64"}`;
const zipName = `terraform_${TERRAFORM_VERSION}_${platform}.zip`;
const base = `/terraform/${TERRAFORM_VERSION}/`;
let folder: string;
let server: Server;
let files: Record<string, Buffer>;
let source: TerraformSource;

/** A release server of our own, with a key of our own: what HashiCorp's looks like from here. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "terraform-"));
  writeFileSync(join(folder, "terraform"), "#!/bin/sh\necho it runs\n");
  execFileSync("python3", ["-m", "zipfile", "-c", zipName, "terraform"], { cwd: folder });
  const zip = readFileSync(join(folder, zipName));
  const { privateKey, publicKey } = await generateKey({ userIDs: [{ name: "Test" }], format: "armored" });
  const signingKey = await readPrivateKey({ armoredKey: privateKey });
  const sums = Buffer.from(`${createHash("sha256").update(zip).digest("hex")}  ${zipName}\n`);
  const signature = await sign({
    message: await createMessage({ binary: new Uint8Array(sums) }),
    signingKeys: signingKey,
    detached: true,
    format: "binary",
  });
  files = {
    [`${base}${zipName}`]: zip,
    [`${base}terraform_${TERRAFORM_VERSION}_SHA256SUMS`]: sums,
    [`${base}terraform_${TERRAFORM_VERSION}_SHA256SUMS.sig`]: Buffer.from(signature as Uint8Array),
    "/key": Buffer.from(publicKey),
  };
  server = createServer((request, response) => {
    const body = files[request.url ?? ""];
    response.writeHead(body ? 200 : 404);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  source = { releasesUrl: url, keyUrl: `${url}/key`, keyFingerprint: signingKey.getFingerprint() };
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const into = () => join(folder, "into");

test("a release with a good signature is installed and runs; the second time nothing is fetched", async () => {
  const binary = await installTerraform(into(), source);
  expect(execFileSync(binary).toString()).toBe("it runs\n");
  files = {};
  await expect(installTerraform(into(), source)).resolves.toBe(binary);
});

test.each([
  [
    "a changed archive",
    () => (files[`${base}${zipName}`] = Buffer.from("something else")),
    /has sha256 .*nothing was installed/,
  ],
  [
    "changed checksums",
    () => (files[`${base}terraform_${TERRAFORM_VERSION}_SHA256SUMS`] = Buffer.from(`00  ${zipName}\n`)),
    /signature of .* is not good/,
  ],
  ["another key", () => (source = { ...source, keyFingerprint: "0".repeat(40) }), /expected 0{40}/],
  ["a missing release", () => delete files[`${base}${zipName}`], /answered 404: install Terraform/],
])("%s installs nothing and says so", async (_what, change, message) => {
  change();
  await expect(installTerraform(into(), source)).rejects.toThrow(message);
  expect(existsSync(into()) ? readdirSync(join(into(), TERRAFORM_VERSION)) : []).toEqual([]);
});

test("the PATH is searched in order", () => {
  expect(findTerraform(`/nowhere:${folder}:/usr/bin`)).toBe(join(folder, "terraform"));
  expect(findTerraform("/nowhere")).toBeUndefined();
});
