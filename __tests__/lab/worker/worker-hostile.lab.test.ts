/**
 * R25: nothing that lies on a volume is executed, evaluated or followed. Workers boot with volumes that somebody has prepared. In every case nothing of
 * theirs runs, nothing of the host's is changed, and Docker is usable within the time-out.
 */
import { type Machine, startMachine } from "../../../lab/machine/machine";
import { powerOff } from "../../../lab/machine/machine-power";
import { shellIn } from "../../../lab/machine/machine-shell";
import type { Volume } from "../../../lab/volume/volume";
import { cases, testOn } from "../../level";
import { editVolume } from "../volume/edit";
import { CANARY, FUNCTIONS, HOSTILE_VOLUMES, isTelling } from "./hostile-volumes";
import {
  bootWorker,
  CACHED_IMAGE,
  CACHED_IMAGE_SAYS,
  cacheVolume,
  endWorker,
  runTiny,
  startWorkerLab,
  stopWorkerLab,
  TIMEOUT_SECONDS,
  type Worker,
  type WorkerLab,
  type WorkerOptions,
} from "./worker-lab";

jest.setTimeout(240_000);

let lab: WorkerLab;
beforeAll(async () => {
  lab = await startWorkerLab();
}, 600_000);
afterAll(() => stopWorkerLab(lab), 60_000);

/** Files of the host, with their hashes. What a worker without a cache changes too is left out. */
const HOST_FILES = `find /etc /root /srv /opt /usr/local -xdev -type f \
  ! -path '/etc/docker/*' ! -path '/etc/ssh/*' ! -path /etc/hosts ! -path /etc/machine-id -print0 | sort -z | xargs -0 sha256sum`;
const BEFORE = `#!/bin/bash
mkdir -p ${CANARY} && echo whole >${CANARY}/file
${HOST_FILES} >/run/host-before`;
const at = (volume: Volume, deviceName = "/dev/sdf") => ({ volume, deviceName });

async function hostile(script: string, generation: "trixie" | "forky" = "trixie"): Promise<Volume> {
  const volume = await cacheVolume(lab, generation);
  await editVolume(lab.run, volume, FUNCTIONS + script);
  return volume;
}

function bootOn(volumes: readonly Volume[], options: WorkerOptions = {}): Promise<Worker> {
  const names = volumes.length > 1 ? ["/dev/sde", "/dev/sdf"] : ["/dev/sdf"];
  return bootWorker(lab, "trixie", {
    before: BEFORE,
    spec: { volumes: volumes.map((volume, index) => at(volume, names[index])) },
    ...options,
  });
}

/** What holds whatever the volume was, also after Docker has been restarted and its images are gone. */
async function expectUnharmed({ machine, status }: Worker): Promise<void> {
  expect(status.endedMs).toBeLessThanOrEqual(TIMEOUT_SECONDS * 1000);
  expect(await shellIn(machine, "docker ps --all --quiet; docker volume ls --quiet; docker plugin ls --quiet")).toBe(
    "",
  );
  expect(await runTiny(machine)).toBe("said in a container\n");
  await shellIn(machine, "docker system prune --all --force; systemctl restart docker.service");
  await expectHostWhole(machine);
}

async function expectHostWhole(machine: Machine): Promise<void> {
  expect(
    await shellIn(machine, `${HOST_FILES} | diff /run/host-before - || true; ls /run/evil* 2>/dev/null || true`),
  ).toBe("");
}

/** The cached image runs; of the volume nothing is left but what a build leaves, closed to everybody but root. */
async function expectWarmAndClean({ machine, status }: Worker): Promise<void> {
  expect(status).toMatchObject({ state: "warm", reason: "" });
  expect(await shellIn(machine, `docker run --rm --network none ${CACHED_IMAGE}`)).toBe(CACHED_IMAGE_SAYS);
  const root = "/var/lib/docker-cache";
  expect(
    await shellIn(
      machine,
      `ls --almost-all ${root} | grep --invert-match --line-regexp -E '\\.docker-cache|docker|containerd|lost\\+found' || true`,
    ),
  ).toBe("");
  const nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups ls";
  expect(
    await shellIn(
      machine,
      `for path in ${root} ${root}/su ${root}/.docker-cache/su /var/lib/docker; do ! ${nobody} $path 2>/dev/null || echo "$path is open"; done`,
    ),
  ).toBe("");
  expect(await shellIn(machine, `findmnt --noheadings --output OPTIONS ${root}`)).toContain("errors=remount-ro");
}

describe("a volume that somebody has prepared", () => {
  test.each(cases(HOSTILE_VOLUMES, isTelling))("$what", async ({ script, cold, settings }) => {
    const worker = await bootOn([await hostile(script)], { settings });
    if (cold) expect(worker.status).toMatchObject({ state: "cold", reason: expect.stringMatching(cold) });
    else await expectWarmAndClean(worker);
    await expectUnharmed(worker);
    await endWorker(worker);
  });
});

/** An image that has bash and touch, for containers that mount the host and leave their mark there. */
const EVIL_IMAGE = `tar --directory=/ --create --dereference usr/bin/{bash,touch,sleep} lib64/ld-linux-x86-64.so.2 \
  lib/x86_64-linux-gnu/lib{c.so.6,tinfo.so.6} | docker import - evil >/dev/null`;
/** It ends when it is told to, so that machines power off soon. */
const EVIL_COMMAND =
  "/usr/bin/bash -c 'trap exit TERM; /usr/bin/touch /host/run/evil; while :; do /usr/bin/sleep 0.5; done'";
/** containerd looks every ten seconds for containers that it shall start. */
const waitForEvil = "for _ in {1..300}; do [[ ! -e /run/evil ]] || exit 0; sleep 0.1; done; exit 1";

describe("a volume that another instance has used", () => {
  test("a container with a restart policy, which mounts the host: it comes back there, and never on another instance", async () => {
    const volume = await cacheVolume(lab, "trixie");
    const first = await bootOn([volume]);
    expect(first.status.state).toBe("warm");
    await shellIn(
      first.machine,
      `${EVIL_IMAGE}; docker run --detach --restart always --volume /:/host evil ${EVIL_COMMAND}; ${waitForEvil}`,
    );
    await powerOff(first.machine);
    await startMachine(first.machine);
    await shellIn(
      first.machine,
      `for _ in {1..300}; do docker ps >/dev/null 2>&1 && break; sleep 0.2; done; ${waitForEvil}`,
    );
    await endWorker(first);

    const second = await bootOn([volume]);
    await expectWarmAndClean(second);
    await expectUnharmed(second);
    await endWorker(second);
  });

  testOn("forky")(
    "a container of containerd's own with a restart label: it never starts on another instance",
    async () => {
      const volume = await cacheVolume(lab, "forky");
      const boot = () => bootWorker(lab, "forky", { before: BEFORE, spec: { volumes: [at(volume)] } });
      const first = await boot();
      expect(first.status.state).toBe("warm");
      const run = "ctr --namespace moby container create --label containerd.io/restart.status=running";
      await shellIn(
        first.machine,
        `${EVIL_IMAGE}; ${run} --mount type=bind,src=/,dst=/host,options=rbind:rw docker.io/library/evil:latest evil ${EVIL_COMMAND}; ${waitForEvil}`,
      );
      await endWorker(first);

      const second = await boot();
      expect(second.status).toMatchObject({
        state: "cold",
        reason: expect.stringMatching(/holds what no build leaves there$/),
      });
      // containerd looks every ten seconds.
      await shellIn(second.machine, "sleep 12");
      await expectUnharmed(second);
      await endWorker(second);
    },
  );
});

describe("a disk before ours", () => {
  testOn("bookworm")("with our label and forged facts: none is taken", async () => {
    const forged = await hostile('facts "$good" registry.lab/small:1; echo x >forged');
    const worker = await bootOn([forged, await cacheVolume(lab, "trixie")]);
    expect(worker.status).toMatchObject({
      state: "cold",
      reason: "two disks hold this cache: /dev/nvme1n1, /dev/nvme2n1",
    });
    await expectUnharmed(worker);
    await endWorker(worker);
  });
});
