/**
 * R10, workers never break: whatever is wrong with the cache, the worker's user data, as it ships, ends with a usable Docker within the time-out.
 * Console and status say what became of the cache. The machines are real, of three generations. Their volumes were made by a real build and then
 * damaged.
 */
import { readFileSync } from "node:fs";
import type { Machine } from "../../../lab/machine/machine";
import { consoleOf, shellIn } from "../../../lab/machine/machine-shell";
import { type Damage, damageVolume } from "../../../lab/volume/damage";
import { createVolume, type Volume } from "../../../lab/volume/volume";
import { cases, type Generation, isBooted, testOn } from "../../level";
import { newId } from "../lab-harness";
import { editVolume } from "../volume/edit";
import { cacheAt, expectCold, expectWarm, worker } from "./worker-checks";
import {
  CACHE_GIB,
  CACHED_IMAGE,
  CACHED_IMAGE_SAYS,
  cacheVolume,
  GENERATIONS,
  startWorkerLab,
  stopWorkerLab,
  type WorkerLab,
  type WorkerOptions,
} from "./worker-lab";

jest.setTimeout(240_000);

let lab: WorkerLab;
beforeAll(async () => {
  lab = await startWorkerLab();
}, 600_000);
afterAll(() => stopWorkerLab(lab), 60_000);

const generations = (Object.keys(GENERATIONS) as Generation[]).filter(isBooted);

describe("with a good volume", () => {
  test.each(generations)("%s: warm, and every image runs without a registry", async (generation) => {
    await worker(lab, generation, { spec: { volumes: [cacheAt(await cacheVolume(lab, generation))] } }, expectWarm);
  });

  const growing = [
    { on: "bookworm", without: "" },
    { on: "forky", without: "xfs_growfs" },
  ] as const;
  for (const { on, without } of growing)
    testOn(on)(`${on}: larger than its file system: it grows, without ${without} too`, async () => {
      const before = without ? `#!/bin/bash\nrm "$(command -v ${without})"\n` : undefined;
      const volumes = [cacheAt(await cacheVolume(lab, on, CACHE_GIB + 5))];
      await worker(lab, on, { before, spec: { volumes } }, async (booted) => {
        await expectWarm(booted);
        expect(await cacheGib(booted.machine)).toBeGreaterThan(CACHE_GIB + 4);
      });
    });

  // ext4 grows while it is mounted only for a root with CAP_SYS_RESOURCE, which the lab's host may lack. A file system that does not grow is used as
  // it is.
  test("trixie: larger than its ext4: it grows, or is used as it is", async () => {
    const volumes = [cacheAt(await cacheVolume(lab, "trixie", CACHE_GIB + 5))];
    await worker(lab, "trixie", { spec: { volumes } }, async (booted) => {
      await expectWarm(booted);
      if (mayResizeExt4()) expect(await cacheGib(booted.machine)).toBeGreaterThan(CACHE_GIB + 4);
      else expect(consoleOf(booted.machine)).toContain("the file system was not grown to the volume");
    });
  });

  testOn("bookworm")("among two unknown disks: it is found, and they are not touched", async () => {
    const blank = await createVolume(lab.run, { id: newId("vol"), sizeGib: 1 });
    const foreign = await cacheVolume(lab, "trixie");
    await editVolume(lab.run, foreign, "rm --recursive .docker-cache; echo mine >file");
    const volumes = [
      { volume: blank, deviceName: "/dev/sdb" },
      { volume: foreign, deviceName: "/dev/sdc" },
      cacheAt(await cacheVolume(lab, "bookworm")),
    ];
    await worker(lab, "bookworm", { spec: { volumes } }, async (booted) => {
      await expectWarm(booted);
      expect(booted.status.device).toBe("/dev/nvme3n1");
    });
  });

  testOn("forky")("a daemon.json of the consumer's: kept, but for the image store", async () => {
    const theirs = { "data-root": "/srv/docker", "log-opts": { "max-size": "1m" }, "log-driver": "json-file" };
    const before = `#!/bin/bash\nmkdir -p /etc/docker\necho '${JSON.stringify(theirs)}' >/etc/docker/daemon.json\n`;
    await worker(
      lab,
      "forky",
      { before, spec: { volumes: [cacheAt(await cacheVolume(lab, "forky"))] } },
      async (booted) => {
        expect(booted.status.state).toBe("warm");
        expect(JSON.parse(await shellIn(booted.machine, "cat /etc/docker/daemon.json"))).toMatchObject(theirs);
        expect(await shellIn(booted.machine, `docker run --rm --network none ${CACHED_IMAGE}`)).toBe(CACHED_IMAGE_SAYS);
      },
    );
  });
});

/** Size of the file system on the cache volume. */
async function cacheGib(machine: Machine): Promise<number> {
  return Number.parseInt(await shellIn(machine, "df --output=size -BG /var/lib/docker-cache | tail -n 1"), 10);
}

/** True if this process, and so the lab's machines, have CAP_SYS_RESOURCE (capability 24). */
function mayResizeExt4(): boolean {
  const effective = readFileSync("/proc/self/status", "utf8").match(/^CapEff:\s*([0-9a-f]+)$/m)?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n;
}

/**
 * The roots of the lists of free space of an XFS, blocks 1 and 2 of each of its four allocation groups. Without them it can be mounted and read, but
 * nothing new can be written.
 */
const freeSpaceLists = (volume: Volume): Damage[] =>
  [0, 1, 2, 3].map((group) => ({
    kind: "flip",
    offsetBytes: group * ((volume.sizeGib * 1024 ** 3) / 4) + 4096,
    lengthBytes: 2 * 4096,
  }));
/** The descriptors of an ext4's groups, in its second block. */
const groupDescriptors = (): Damage[] => [{ kind: "flip", offsetBytes: 4096, lengthBytes: 4096 }];

describe("with a bad volume: Docker runs without it", () => {
  interface Case {
    readonly what: string;
    readonly on: Generation;
    readonly reason: string | RegExp;
    /** Whose volume. Default: the worker's generation. */
    readonly of?: Generation;
    readonly damage?: (volume: Volume) => Damage[];
    readonly edit?: string;
    readonly readOnly?: boolean;
    readonly settings?: WorkerOptions["settings"];
  }
  const manifest = ".docker-cache/manifest.json";
  const faults: Case[] = [
    { what: "blank", on: "trixie", damage: () => [{ kind: "blank" }], reason: /^no disk with a file system labelled/ },
    { what: "a superblock of noise", on: "bookworm", damage: () => [{ kind: "superblock" }], reason: /^no disk with/ },
    { what: "an ext4 of noise", on: "trixie", damage: groupDescriptors, reason: "/dev/nvme1n1 cannot be mounted" },
    {
      what: "an xfs whose second half is gone",
      on: "forky",
      damage: () => [{ kind: "half" }],
      reason: "cannot be mounted",
    },
    {
      what: "an xfs that fails when it is written to",
      on: "bookworm",
      damage: freeSpaceLists,
      reason: "cannot be written to",
    },
    { what: "no manifest", on: "forky", edit: `rm ${manifest}`, reason: "no usable manifest" },
    { what: "half a manifest", on: "bookworm", edit: `truncate --size=200 ${manifest}`, reason: "no usable manifest" },
    {
      what: "the facts of another architecture",
      on: "trixie",
      edit: `hash() { sha256sum <.docker-cache/facts | cut --delimiter=' ' --fields=1; }
        old="$(hash)"; sed --in-place '1s/x86_64/arm64/' .docker-cache/facts; sed --in-place "s/$old/$(hash)/" ${manifest}`,
      reason: "it is for trixie/arm64/overlay2, this worker for trixie/x86_64/overlay2",
    },
    {
      what: "the store of a newer engine",
      on: "bookworm",
      of: "trixie",
      settings: { CACHE_NAME: "trixie" },
      reason: "Docker 26 wrote it, this is 20",
    },
    {
      what: "another image store",
      on: "trixie",
      of: "forky",
      settings: { CACHE_NAME: "forky" },
      reason: "it is for forky/x86_64/containerd, this worker for forky/x86_64/overlay2",
    },
    { what: "a read-only device", on: "forky", readOnly: true, reason: "cannot be mounted read-write" },
    {
      what: "no space left",
      on: "trixie",
      edit: "fallocate --length $(($(df --output=avail -B1 . | tail -n 1) - 4194304)) filler || true; head -c 100M /dev/zero >>filler2 || true",
      reason: /^\d+ MiB are free on the cache volume/,
    },
    {
      what: "too little free space",
      on: "bookworm",
      settings: { MIN_FREE_GIB: "100" },
      reason: /MiB are free on the cache volume, min_free is 100 GiB$/,
    },
    {
      what: "images that Docker does not know",
      on: "bookworm",
      edit: "rm --recursive docker/image",
      reason: "Docker does not know all images of the manifest",
    },
  ];

  test.each(cases(faults, ({ on, of = on }) => isBooted(on) && isBooted(of)))(
    "$what, on $on",
    async ({ on, of, damage, edit, readOnly, settings, reason }) => {
      const volume = await cacheVolume(lab, of ?? on);
      for (const one of damage?.(volume) ?? []) damageVolume(lab.run, volume, one);
      if (edit) await editVolume(lab.run, volume, edit);
      await worker(lab, on, { settings, spec: { volumes: [cacheAt(volume, readOnly)] } }, (booted) =>
        expectCold(booted, reason),
      );
    },
  );
});

describe("without a volume", () => {
  testOn("forky")("none was mapped: nothing is waited for", async () => {
    await worker(lab, "forky", {}, (booted) => expectCold(booted, "no cache device was mapped at launch"));
  });

  testOn("bookworm")("it never comes: Docker starts when the time is up", async () => {
    const options = { spec: { announced: ["/dev/sdf"] }, settings: { TIMEOUT_SECONDS: "8" } };
    await worker(lab, "bookworm", options, (booted) => expectCold(booted, /^no disk with a file system labelled/));
  });
});

describe("with a Docker of the consumer's", () => {
  const container = `#!/bin/bash
set -o errexit
tar --directory=/ --create --dereference usr/bin/sleep lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6 | docker import - theirs
docker run --detach --name theirs --network none theirs /usr/bin/sleep 3600
`;

  test.each(generations)("%s: one that runs a container is left alone", async (generation) => {
    const options = { late: true, before: container, spec: { volumes: [cacheAt(await cacheVolume(lab, generation))] } };
    await worker(lab, generation, options, async ({ machine, status }) => {
      expect(status).toMatchObject({
        state: "cold",
        reason: "a container runs already, Docker is left alone: theirs theirs",
      });
      expect(await shellIn(machine, "docker ps --format '{{.Names}}'")).toBe("theirs\n");
      const restarts =
        "systemctl show --property ExecMainStartTimestampMonotonic docker.service; docker inspect --format '{{.RestartCount}} {{.State.Running}}' theirs";
      expect(await shellIn(machine, restarts)).toContain("0 true");
    });
  });
});
