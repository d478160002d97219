import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { layerOfFolder } from "../../../lab/registry/image-layer";
import { writeImage } from "../../../lab/registry/image-store";
import { type LabRegistry, startRegistry } from "../../../lab/registry/lab-registry";
import type { RegistryFault, RegistryFaults } from "../../../lab/registry/registry-faults";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";

jest.setTimeout(300_000);

describe("the registry", () => {
  let lab: Lab;
  let registry: LabRegistry;
  let machine: Machine;
  beforeAll(async () => {
    lab = await startLab();
    registry = await startRegistry(lab.run);
    machine = await boot(lab);
    await waitForBoot(machine);
  });
  afterAll(() => stopLab(lab));

  it("has images that run, over TLS that machines trust", async () => {
    await expect(
      shellIn(machine, "docker pull --quiet registry.lab/base:1 && docker run --rm --network none registry.lab/base:1"),
    ).resolves.toMatch(/hello from base\n$/);
    await expect(shellIn(machine, "docker run --rm --network none registry.lab/app-12:1 2>/dev/null")).resolves.toMatch(
      /^hello from app-12: \d+ modules, \d+ bytes\n$/,
    );
    await expect(shellIn(machine, "docker image inspect --format '{{.Size}}' registry.lab/base:1")).resolves.toMatch(
      /^1[0-9]{8}\n$/,
    );
  });

  it("has a language image of about 1 GB with many layers and many small files", async () => {
    const seen = await shellIn(
      machine,
      `
      docker pull --quiet registry.lab/language:1
      docker image inspect --format '{{.Size}} {{len .RootFS.Layers}}' registry.lab/language:1
      docker run --rm --network none registry.lab/language:1
      docker run --rm --network none registry.lab/language:1 find /opt/lab -type f | wc -l`,
      { timeoutSeconds: 240 },
    );
    const [, facts, hello, files] = seen.trim().split("\n");
    const [size, layers] = facts!.split(" ").map(Number);
    expect(size).toBeGreaterThan(0.9e9);
    expect(layers).toBeGreaterThan(20);
    expect(hello).toMatch(/^hello from language: 320 modules/);
    expect(Number(files)).toBeGreaterThan(30_000);
  });

  it("serves every image of the lab", async () => {
    const apps = Array.from({ length: 12 }, (_, index) => `app-${String(index + 1).padStart(2, "0")}:1`);
    const images = ["base:1", "language:1", ...apps, "app-01:2"];
    const list = images.map((image) => image.replace(":", "/manifests/")).join(" ");
    const codes = await shellIn(
      machine,
      `for image in ${list}; do curl --silent --output /dev/null --write-out '%{http_code} ' https://registry.lab/v2/$image; done`,
    );
    expect(codes.trim().split(" ")).toEqual(images.map(() => "200"));
  });

  it("takes new images while it runs, in this run alone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lab-layer-"));
    writeFileSync(join(folder, "new"), "new");
    const layers = [await layerOfFolder(registry.storage, folder)];
    rmSync(folder, { recursive: true });
    const digest = writeImage(registry.storage, { name: "new", tag: "1", layers, command: ["/new"] });
    await expect(
      shellIn(
        machine,
        "docker pull --quiet registry.lab/new:1; docker image inspect --format '{{index .RepoDigests 0}}' registry.lab/new:1",
      ),
    ).resolves.toContain(digest);
  });

  it("refuses connections once it is switched off", async () => {
    await registry.stop();
    await expect(shellIn(machine, "docker pull registry.lab/app-11:1 2>&1 || true")).resolves.toContain(
      "connection refused",
    );
  });
});

describe("a faulty registry", () => {
  let lab: Lab;
  let machine: Machine;
  let faults: RegistryFaults = () => undefined;
  beforeAll(async () => {
    lab = await startLab();
    await startRegistry(lab.run, (request) => faults(request));
    machine = await boot(lab);
    await waitForBoot(machine);
  });
  afterAll(() => stopLab(lab));

  const pull = (seconds: number) =>
    shellIn(machine, `timeout ${seconds} docker pull registry.lab/base:1 2>&1 || echo "status $?"`);
  const onBlobs =
    (fault: RegistryFault): RegistryFaults =>
    ({ path }) =>
      path.includes("/blobs/") ? fault : undefined;

  /** Time that a pull may take: if it stalls, no longer than it needs to show that. */
  it.each<[string, RegistryFaults, RegExp, number]>([
    [
      "too many requests",
      () => ({ kind: "status", status: 429 }),
      /(429|toomanyrequests|Too Many Requests|the lab answers 429)[\s\S]*status 1/i,
      60,
    ],
    ["hangs up", () => ({ kind: "hang-up" }), /EOF[\s\S]*status 1/, 60],
    ["stalls", () => ({ kind: "stall" }), /status 124/, 8],
    ["stalls in the middle of a layer", onBlobs({ kind: "stall-after", bytes: 1_000_000 }), /status 124/, 8],
    ["truncates layers", onBlobs({ kind: "truncate", afterBytes: 1_000_000 }), /status (1|124)/, 8],
  ])("%s", async (_, chosen, seen, seconds) => {
    faults = chosen;
    await expect(pull(seconds)).resolves.toMatch(seen);
  });

  it("serves whole images where it has no fault", async () => {
    faults = () => undefined;
    await expect(pull(60)).resolves.toMatch(/Downloaded newer image/);
  });
});

it("may be slow: a machine has the bandwidth it is given", async () => {
  const lab = await startLab();
  await startRegistry(lab.run);
  const machine = await boot(lab, { networkMbitPerSecond: 100 });
  await waitForBoot(machine);
  const seconds = await shellIn(
    machine,
    `
    layer=$(curl --silent --header 'Accept: application/vnd.docker.distribution.manifest.v2+json' https://registry.lab/v2/base/manifests/1 |
      python3 -c 'import json, sys; print(json.load(sys.stdin)["layers"][0]["digest"])')
    curl --silent --output /dev/null --write-out '%{size_download} %{time_total}' https://registry.lab/v2/base/blobs/$layer`,
  );
  const [bytes, time] = seconds.split(" ").map(Number);
  const megabitPerSecond = (bytes! * 8) / 1e6 / time!;
  expect(megabitPerSecond).toBeLessThan(110);
  await stopLab(lab);
});
