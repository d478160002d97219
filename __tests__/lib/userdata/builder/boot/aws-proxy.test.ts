/** The builder's client of AWS through proxies: reached in clear, by TLS, and passed by. Real TLS on loopback. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).stdout.trim();
const HOST = "ssm.eu-west-1.amazonaws.com";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-proxy-"));
  const subject = ["-subj", "/CN=test", "-addext", `subjectAltName=DNS:localhost,DNS:${HOST}`];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem")];
  const { status } = spawnSync("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    ...subject,
    ...files,
  ]);
  expect(status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Asks for a parameter through a proxy of a kind. Returns what the client printed and what the proxy was asked. */
async function ask(kind: "tls" | "clear", env: (port: string) => Record<string, string>) {
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const proxy = spawn(python, [join(__dirname, "tls-proxy.py"), kind, certificate, key]);
  let said = "";
  proxy.stdout.on("data", (data) => {
    said += data;
  });
  while (!said.includes("\n")) await new Promise((done) => setTimeout(done, 20));
  const settings = {
    PATH: process.env.PATH,
    REGION: "eu-west-1",
    DNS_SUFFIX: "amazonaws.com",
    ...env(said.split("\n")[0]!),
  };
  const words = [join(__dirname, "aws-driver.py"), "ask", certificate, "read-parameter", "/p"];
  const client = spawn(python, ["-I", "-S", ...words], { env: settings, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  client.stdout.on("data", (data) => (stdout += data));
  client.stderr.on("data", (data) => (stderr += data));
  const limit = setTimeout(() => client.kill(), 20_000);
  await new Promise((done) => client.on("close", done));
  clearTimeout(limit);
  proxy.stdin.end();
  return { stdout, stderr, asked: said.split("\n").slice(1).filter(Boolean) };
}

test.each([
  ["clear", "http"],
  ["tls", "https"],
] as const)("a proxy that is reached %s: a tunnel to AWS, and AWS's own TLS within it", async (kind, scheme) => {
  const { stdout, stderr, asked } = await ask(kind, (port) => ({ https_proxy: `${scheme}://localhost:${port}` }));
  expect({ bytes: stdout.length, stderr }).toEqual({ bytes: 100_001, stderr: "" });
  expect(asked).toEqual([`CONNECT ${HOST}:443`, "POST / HTTP/1.1"]);
});

test("a host that is reached directly does not meet the proxy", async () => {
  const nowhere = (port: string) => ({
    https_proxy: `http://localhost:${port}`,
    no_proxy: "169.254.169.254,.invalid",
    DNS_SUFFIX: "invalid",
    AWS_SECONDS: "1",
  });
  expect((await ask("clear", nowhere)).asked).toEqual([]);
}, 30_000);
