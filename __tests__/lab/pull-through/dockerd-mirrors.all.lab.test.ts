/** Mirrors of dockerd with overlay2, which cannot reach the pull-through cache: docs/pull-through.md, "Misses on workers". */
import { shellIn } from "../../../lab/machine/machine-shell";
import type { Generation } from "../../level";
import { HOST, stopEcrLab } from "../ecr/ecr-lab";
import { attempt, forget, importTag, newImage, startWorker, type Worker } from "./worker";

jest.setTimeout(300_000);
const LONG = { timeoutSeconds: 120 };
/** As ECR names the repository of an image, and with the version in front, which Docker adds behind it. */
const PATHS = ["docker-hub", "v2/docker-hub"];

let worker: Worker;
const start = (image: Generation) => async () => {
  worker = await startWorker(image);
};
const stop = () => worker && stopEcrLab(worker.lab);

/** Restarts Docker with a mirror. */
async function setMirror(path: string): Promise<void> {
  const settings = JSON.stringify({ "registry-mirrors": [`https://${HOST}/${path}`] });
  await shellIn(
    worker.machine,
    `echo '${settings}' >/etc/docker/daemon.json
systemctl reset-failed docker.service
systemctl restart docker.service || { journalctl --unit docker.service --output cat >&2; exit 1; }`,
    LONG,
  );
}

describe("of Docker 20.10", () => {
  beforeAll(start("bookworm"));
  afterAll(stop);

  it.each(PATHS)("may have no path: %s", async (path) => {
    await expect(setMirror(path)).rejects.toThrow(/invalid mirror/);
  });
});

describe.each(["trixie", "forky"] as const)("of %s", (image) => {
  beforeAll(start(image));
  afterAll(stop);

  it.each(PATHS)("with the path %s reach no repository of ECR, so that Docker Hub serves", async (path) => {
    await setMirror(path);
    const { lab, machine, client, seen } = worker;
    await expect(shellIn(machine, "docker info --format '{{.Driver}}'")).resolves.toBe("overlay2\n");
    const own = await newImage(lab);
    await importTag(client, own);
    forget(worker);
    const pull = () => shellIn(machine, `docker pull --quiet ${own.name}:1`, LONG);
    expect((await attempt(lab, { upstream: "off", layers: own.layers }, pull)).works).toBe(false);
    expect(await attempt(lab, { upstream: "on", layers: own.layers }, pull)).toEqual({ works: true, asked: "layers" });
    // Docker adds its own `/v2/` behind the path, and sends no login.
    const asked = seen.map((request) => [request.path.startsWith(`/${path}/v2/`), request.authorization]);
    expect(new Set(asked.map(String))).toEqual(new Set(["true,"]));
  });
});
