/**
 * A builder asks registries for digests through dockerd: registries of all manners, Docker's own settings, and registries that lie, stall or want a
 * file. The digests are those of the manifests as they were written, so content stays the same on every generation of Docker. The gate boots one.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { layerOf } from "../../../lab/registry/image-layer";
import { writeImage } from "../../../lab/registry/image-store";
import { type LabRegistry, startRegistry } from "../../../lab/registry/lab-registry";
import type { RegistryFault, RegistryRequest } from "../../../lab/registry/registry-faults";
import { cases, isBooted } from "../../level";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";

jest.setTimeout(300_000);

const USER_DATA = join(__dirname, "../../../lib/userdata");
const read = (path: string) => readFileSync(join(USER_DATA, path), "utf8");
const SCRIPT = read("builder/resolve-references.py");
const LOGIN = Buffer.from("robot:battery-staple").toString("base64");
const FALSE_DIGEST = `sha256:${"ab".repeat(32)}`;
const MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json";

const unauthorized = (...challenges: string[]): RegistryFault => ({
  kind: "status",
  status: 401,
  headers: { "www-authenticate": challenges },
});
const token: RegistryFault = { kind: "status", status: 200, body: JSON.stringify({ token: "TOKEN" }) };

/** What registries ask for, by the label of their host. A host that is in the list has a login. */
const CHALLENGES: Readonly<Record<string, (host: string) => string[]>> = {
  basic: () => ["Basic realm=lab"],
  query: (host) => [`Bearer realm="https://${host}/token?tenant=1",service="lab"`],
  serviceless: (host) => [`Bearer realm="https://${host}/token"`],
  twoschemes: (host) => ["Negotiate", `Bearer realm="https://${host}/token",service="lab"`],
  unquoted: (host) => [`Bearer realm="https://${host}/token",service=lab`],
  file: () => ['Bearer realm="file:///root/secret",service="lab"'],
  wrong: () => ['Basic realm="lab"'],
};

const requests: RegistryRequest[] = [];
let manifest = "";

/** An answer to anything that is asked of a manifest. */
function manifestAs(headers: Readonly<Record<string, string>>): RegistryFault {
  return { kind: "status", status: 200, headers: { "content-type": MANIFEST_TYPE, ...headers }, body: manifest };
}

function decide(request: RegistryRequest): RegistryFault | undefined {
  const { host, path, authorization } = request;
  requests.push(request);
  const manner = host.replace(".registry.lab", "");
  if (path.startsWith("/token")) return authorization === `Basic ${LOGIN}` ? token : { kind: "status", status: 403 };
  const challenge = CHALLENGES[manner];
  const known = authorization === "Bearer TOKEN" || (authorization === `Basic ${LOGIN}` && manner === "basic");
  if (challenge) return known ? undefined : unauthorized(...challenge(host));
  if (path === "/v2/") return undefined;
  if (manner === "stalls") return { kind: "stall" };
  if (manner === "hangs") return { kind: "hang-up" };
  if (manner === "breaks") return { kind: "status", status: 503 };
  if (manner === "limits") return { kind: "status", status: 429 };
  if (!path.includes("/manifests/")) return undefined;
  const length = { "content-length": String(Buffer.byteLength(manifest)) };
  if (manner === "lies") return manifestAs({ "docker-content-digest": FALSE_DIGEST, ...length });
  if (manner === "short") return manifestAs({ "docker-content-digest": "sha256:abc", ...length });
  if (manner === "long") return manifestAs({ "docker-content-digest": `sha512:${"ab".repeat(64)}`, ...length });
  return manner === "silent" ? manifestAs({}) : undefined;
}

/** Writes the script, which waits for less, and logins; one that cannot be decoded is among them. */
async function prepare(machine: Machine): Promise<void> {
  const auths: Record<string, object> = { "undecodable.registry.lab": { auth: "!" } };
  for (const manner of Object.keys(CHALLENGES)) auths[`${manner}.registry.lab`] = { auth: LOGIN };
  const script = SCRIPT.replace(/^PAUSE_SECONDS = .*/m, "PAUSE_SECONDS = (0,)").replace(
    /^(CALL_SECONDS) = .*/m,
    "$1 = 2",
  );
  await shellIn(
    machine,
    `mkdir /root/login; echo of-the-machine >/root/secret
cat >/root/login/config.json <<'JSON'
${JSON.stringify({ auths })}
JSON
cat >/root/resolve.py <<'PY'
${script}
PY`,
  );
}

/** A line of an image that has no pull-through cache: its source is its original, and there is nothing to note. */
const line = (digest: string, source: string, name: string) => `${digest} ${source} ${name} ${source} `;

/** The line of each reference, without its tabs. */
async function resolve(machine: Machine, ...references: string[]): Promise<Record<string, string>> {
  const command = "python3 -I -S /root/resolve.py /var/run/docker.sock ''";
  const said = await shellIn(
    machine,
    `DOCKER_CONFIG=/root/login PULL_THROUGH='' WATCHDOG_MINUTES=60 ${command} ${references.join(" ")}`,
  );
  const lines = said.split("\n");
  return Object.fromEntries(
    references.map((reference, index) => [reference, (lines[index] ?? "").replaceAll("\t", " ")]),
  );
}

describe.each(cases(["bookworm", "trixie", "forky"] as const, isBooted))("Docker of %s", (image) => {
  let lab: Lab;
  let registry: LabRegistry;
  let machine: Machine;
  let docker = "";
  beforeAll(async () => {
    lab = await startLab();
    registry = await startRegistry(lab.run, decide);
    const layers = [await layerOf(registry.storage, () => undefined)];
    docker = writeImage(registry.storage, { name: "docker", tag: "1", layers, command: ["/x"] });
    writeImage(registry.storage, { name: "library/hub", tag: "1", layers, command: ["/x"] });
    machine = await boot(lab, { image });
    await waitForBoot(machine);
    await prepare(machine);
    const accept = `Accept: ${MANIFEST_TYPE}`;
    manifest = await shellIn(machine, `curl --silent --header '${accept}' https://registry.lab/v2/docker/manifests/1`);
  });
  afterAll(() => stopLab(lab));

  const hosts = (...manners: string[]) => manners.map((manner) => `${manner}.registry.lab/docker:1`);
  /** The line of an image that resolves. */
  const good = (reference: string, digest = docker) => line(digest, reference.replace(/[:@].*/, ""), reference);

  it("gives the digest of what was written: Docker's and OCI's, of one platform and of several, by tag and by digest", async () => {
    const layers = [await layerOf(registry.storage, () => undefined)];
    const expected: Record<string, string> = {};
    for (const format of ["docker", "oci"] as const)
      for (const multiPlatform of [false, true]) {
        const name = `${format}-${multiPlatform ? "list" : "one"}`;
        const written = writeImage(registry.storage, {
          name,
          tag: "1",
          layers,
          command: ["/x"],
          format,
          multiPlatform,
        });
        for (const reference of [`registry.lab/${name}:1`, `registry.lab/${name}@${written}`])
          expected[reference] = good(reference, written);
      }
    await expect(resolve(machine, ...Object.keys(expected))).resolves.toEqual(expected);
  });

  it("asks registries of all manners, with the login", async () => {
    const references = hosts("basic", "query", "serviceless", "twoschemes", "unquoted", "silent");
    const expected = Object.fromEntries(references.map((reference) => [reference, good(reference)]));
    await expect(resolve(machine, ...references)).resolves.toEqual(expected);
    const tokens = requests.filter(({ path }) => path.startsWith("/token")).map(({ host, path }) => `${host}${path}`);
    expect(tokens).toContainEqual(expect.stringMatching(/^query\.registry\.lab\/token\?.*\btenant=1\b/));
  });

  it("says in words what does not resolve, in time", async () => {
    const nowhere = `registry.lab/docker@sha256:${"0".repeat(64)}`;
    const references = [
      ...hosts("wrong", "undecodable", "limits", "stalls", "short"),
      "registry.lab/nowhere:1",
      nowhere,
    ];
    const began = performance.now();
    const said = await resolve(machine, ...references);
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(Object.values(said)).toEqual([
      expect.stringMatching(/^- - dockerd: 401: .*the lab answers 401/),
      expect.stringMatching(/^- - dockerd: the login for undecodable\.registry\.lab is not base64/),
      expect.stringMatching(/^- - dockerd: 429: .*the lab answers 429/),
      "- - dockerd: no answer within 2 s",
      expect.stringMatching(/^- - dockerd: 500: /),
      expect.stringMatching(/^- - dockerd: 404: manifest unknown/),
      expect.stringMatching(/^- - dockerd: 404: manifest unknown/),
    ]);
    expect(requests.filter(({ host }) => host === "undecodable.registry.lab")).toEqual([]);
  });

  it("gives a 5xx for a registry that is not reached, and for one that breaks down: pull-through goes by that", async () => {
    const references = [...hosts("hangs", "breaks"), "nowhere.example/docker:1", "10.0.0.3:81/docker:1"];
    const said = Object.values(await resolve(machine, ...references));
    expect(said).toEqual(references.map(() => expect.stringMatching(/^- - dockerd: 50[03]: /)));
  });

  it("reads no file of the machine for a registry", async () => {
    const [said] = Object.values(await resolve(machine, ...hosts("file")));
    expect(said).toMatch(/^- - dockerd: 500: .*unsupported protocol scheme "file"$/);
    expect(JSON.stringify(requests)).not.toContain("of-the-machine");
  });

  it("never takes content of another digest than the one that it was told", async () => {
    const [lies, long] = Object.values(await resolve(machine, ...hosts("lies", "long")));
    expect(long).toMatch(/^- - dockerd: the digest is sha512:/);
    // dockerd believes the header, and so does the build; then the pull is checked.
    expect(lies).toContain(FALSE_DIGEST);
    const pull = `docker pull lies.registry.lab/docker@${FALSE_DIGEST} 2>&1 || echo "status $?"`;
    await expect(shellIn(machine, pull)).resolves.toMatch(/manifest verification failed for digest.*\nstatus 1\n$/);
    await expect(shellIn(machine, "docker image ls --all --quiet")).resolves.toBe("");
  });

  it("asks as Docker is configured: mirrors, insecure registries by subnet, in a file of another name", async () => {
    const byAddress = "10.0.0.3/docker:1";
    const unverified = expect.stringMatching(/^- - dockerd: 500: .*certificate/);
    await expect(resolve(machine, byAddress)).resolves.toEqual({ [byAddress]: unverified });
    const config = { "insecure-registries": ["10.0.0.0/24"], "registry-mirrors": ["https://mirror.registry.lab"] };
    await shellIn(
      machine,
      `echo '${JSON.stringify(config)}' >/root/other.json
mkdir --parents /etc/systemd/system/docker.service.d
printf '[Service]\\nExecStart=\\nExecStart=dockerd -H fd:// --config-file /root/other.json\\n' >/etc/systemd/system/docker.service.d/other.conf
systemctl daemon-reload
systemctl restart docker.service`,
    );
    const hub = line(docker, "docker.io/library/hub", "hub:1");
    requests.length = 0;
    await expect(resolve(machine, byAddress, "hub:1")).resolves.toEqual({ [byAddress]: good(byAddress), "hub:1": hub });
    const asked = requests.filter(({ path }) => path.includes("/library/hub/manifests/")).map(({ host }) => host);
    expect(new Set(asked)).toEqual(new Set(["mirror.registry.lab"]));
  });

  it("shows names as the scripts expect them", async () => {
    const names = [
      "docker.io/library/a/b:1",
      "docker.io/library/c:1",
      "index.docker.io/d/e:1",
      "registry.lab/library/f:1",
    ];
    const pull = `docker pull --quiet registry.lab/docker:1; for name in ${names.join(" ")}; do docker tag registry.lab/docker:1 $name; done`;
    await shellIn(machine, pull);
    const shown = (await shellIn(machine, "docker image ls --format '{{.Repository}}:{{.Tag}}'")).trim().split("\n");
    expect(shown.sort()).toEqual([
      "c:1",
      "d/e:1",
      "library/a/b:1",
      "registry.lab/docker:1",
      "registry.lab/library/f:1",
    ]);
    await expect(
      shellIn(
        machine,
        `sed -n '/^def parse(/,/^$/p' /root/resolve.py >/root/parse.py
python3 -c 'import re, sys
exec(open("/root/parse.py").read())
print(*sorted(parse(name)[3] for name in sys.argv[1:]))' registry.lab/docker:1 ${names.join(" ")}`,
      ),
    ).resolves.toBe(`${shown.sort().join(" ")}\n`);
  });

  it("a Docker that does not start says why, in its own words", async () => {
    const functions = `fail() { echo "FAILED: $*"; exit 1; }\n${read("builder/docker.sh")}`;
    const launch = `{ echo '{ "no JSON' >/root/other.json; systemctl stop docker.service docker.socket; launch_docker 'the root disk'; } 2>&1`;
    await expect(shellIn(machine, `${functions}\n(${launch}) || true`)).resolves.toMatch(
      /FAILED: Docker does not start on the root disk: unable to configure the Docker daemon with file \/root\/other\.json: .+\n$/,
    );
  });
});
