/** What tests of workers look at: Docker, the cache, and what belongs to the consumer. */
import type { Machine } from "../../../lab/machine/machine";
import { consoleOf, execIn, readIn, shellIn, waitUntil } from "../../../lab/machine/machine-shell";
import { createVolume, type Volume } from "../../../lab/volume/volume";
import type { Generation } from "../../level";
import { newId } from "../lab-harness";
import { waitForBoot, waitForConsole } from "../machine/boot";
import {
  bootWorker,
  CACHED_IMAGE,
  CACHED_IMAGE_SAYS,
  endWorker,
  runTiny,
  type Status,
  statusOf,
  TIMEOUT_SECONDS,
  type Worker,
  type WorkerLab,
  type WorkerOptions,
} from "./worker-lab";

/** A volume as the cache device of a launch. */
export const cacheAt = (volume: Volume, readOnly = false) => ({ volume, deviceName: "/dev/sdf", readOnly });

/** The cache device with a new volume of the generation's snapshot. */
export async function freshCache({ run, snapshots }: WorkerLab, generation: Generation, firstTouchMs?: number) {
  const loading = firstTouchMs === undefined ? undefined : { firstTouchMs };
  return cacheAt(await createVolume(run, { id: newId("vol"), snapshot: snapshots[generation], loading }));
}

/** Boots a worker, checks what holds in every case, and leaves it to `check`. */
export async function worker(
  lab: WorkerLab,
  generation: Generation,
  options: WorkerOptions,
  check: (worker: Worker) => Promise<void> | void,
): Promise<void> {
  const booted = await bootWorker(lab, generation, options);
  await expectUsable(booted.machine, booted.status);
  await waitForConsole(booted.machine, /the consumer runs/, 60);
  await waitForBoot(booted.machine);
  await check(booted);
  await endWorker(booted);
}

/** Docker runs containers, within the time-out, and the console says what the status says. */
export async function expectUsable(machine: Machine, status: Status): Promise<void> {
  expect(await runTiny(machine)).toBe("said in a container\n");
  expect(status.endedMs).toBeLessThanOrEqual(TIMEOUT_SECONDS * 1000);
  expect(consoleOf(machine)).toContain(`docker-cache: ${status.state}${status.reason ? `: ${status.reason}` : ""}`);
}

/** The cached image runs, though there is no registry any more, and Docker's root lies on the cache volume. */
export async function expectWarm({ machine, status }: Worker, root = "/var/lib/docker"): Promise<void> {
  expect(status).toMatchObject({ state: "warm", reason: "" });
  expect(await execIn(machine, ["docker", "run", "--rm", "--network", "none", CACHED_IMAGE])).toBe(CACHED_IMAGE_SAYS);
  // The last line: what was mounted last is what is seen.
  const sources = await execIn(machine, ["findmnt", "--noheadings", "--output", "SOURCE", "--mountpoint", root]);
  expect(sources.trim().split("\n").pop()).toContain(String(status.device));
}

/** Docker knows nothing of the cache, nothing of it is mounted, and its configuration is as it was. */
export async function expectCold(
  { machine, status }: Worker,
  reason: string | RegExp,
  daemonJson = "",
  theirs: readonly string[] = [],
): Promise<void> {
  expect(status.state).toBe("cold");
  expect(status.reason).toMatch(reason);
  const images = await shellIn(machine, "docker image ls --format '{{.Repository}}' | sort --unique");
  expect(
    images
      .trim()
      .split("\n")
      .filter((name) => name !== "<none>"),
  ).toEqual([...theirs, "tiny"].sort());
  expect(await shellIn(machine, "cat /etc/docker/daemon.json 2>/dev/null || true")).toBe(daemonJson);
  expect(await shellIn(machine, "grep --count /var/lib/docker-cache /proc/self/mountinfo || true")).toBe("0\n");
}

/** Returns the status of the machine's next boot, when that has ended. */
export async function nextStatus(machine: Machine, bootAgain: (machine: Machine) => Promise<void>): Promise<Status> {
  await nextBoot(machine, bootAgain);
  return statusOf(machine);
}

/** Waits for the end of the machine's next boot. */
export async function nextBoot(machine: Machine, bootAgain: (machine: Machine) => Promise<void>): Promise<void> {
  await shellIn(machine, "touch /run/former-boot");
  await bootAgain(machine);
  await waitUntil(`the next boot of ${machine.spec.id}`, 120, async () => {
    const isFormer = (await readIn(machine, "/run/former-boot")) !== undefined;
    return !isFormer;
  });
  await waitForBoot(machine, 120);
}

/** How often docker.service was started in this boot: systemd's message "unit started" (39f5…). */
export async function countDockerStarts(machine: Machine): Promise<number> {
  const started = "MESSAGE_ID=39f53479d3a045ac8e11786248231fbf UNIT=docker.service";
  return Number(await shellIn(machine, `journalctl --boot --quiet --output cat ${started} | wc --lines`));
}

/** Makes containers of the consumer's that run, one of them with a restart policy, and a file in a named volume of theirs. */
export async function runTheirs(machine: Machine): Promise<void> {
  await shellIn(
    machine,
    `tar --directory=/ --create --dereference usr/bin/sleep lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6 |
       docker import - theirs
     for policy in no always; do
       docker run --detach --name "theirs-$policy" --restart "$policy" --network none --stop-signal KILL --volume theirs:/theirs \\
         theirs /usr/bin/sleep 36000
     done
     echo precious >"$(docker volume inspect --format '{{.Mountpoint}}' theirs)/file"`,
  );
}

/** What Docker has: images, containers, the file in the volume. */
export async function listTheirs(machine: Machine): Promise<string> {
  return shellIn(
    machine,
    `docker image ls --format '{{.Repository}}' | grep --invert-match '<none>' | sort --unique
     docker ps --all --format '{{.Names}}' | sort
     cat "$(docker volume inspect --format '{{.Mountpoint}}' theirs)/file"`,
  );
}

/** What {@link listTheirs} says if nothing is lost. */
export const ALL_OF_THEIRS = ["registry.lab/pinned", "registry.lab/small", "theirs", "tiny"]
  .concat("theirs-always", "theirs-no", "precious", "")
  .join("\n");

/**
 * The mounts of the cache with their numbers, which a new mount would not have, and daemon.json. Of those at one place the first: some versions of
 * Docker mount their root once more, onto itself.
 */
export async function lookAtCache(machine: Machine): Promise<string> {
  return shellIn(
    machine,
    `awk '$5 ~ "^/var/lib/(docker|containerd|docker-cache)$" && !seen[$5]++ { print $1, $3, $4, $5 }' /proc/self/mountinfo
     cat /etc/docker/daemon.json`,
  );
}

/** Units that have failed. */
export async function listFailedUnits(machine: Machine): Promise<string> {
  return shellIn(machine, "systemctl list-units --failed --plain --no-legend");
}

/** Waits, while a machine boots, for a file that is not empty. */
export async function waitForFile(machine: Machine, path: string): Promise<void> {
  await shellIn(machine, `for _ in {1..1200}; do [[ ! -s ${path} ]] || exit 0; sleep 0.05; done; exit 1`);
}
