import { isDeepStrictEqual } from "node:util";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import { startMachine } from "../../../lab/machine/machine";
import { cutPower, kill, powerOff } from "../../../lab/machine/machine-power";
import { shellIn, waitUntil } from "../../../lab/machine/machine-shell";
import { attachVolume, detachVolume } from "../../../lab/machine/machine-volumes";
import { inRun } from "../../../lab/run/run";
import { damageVolume } from "../../../lab/volume/damage";
import { type LoadingProgress, progressOf } from "../../../lab/volume/lazy-loading";
import { copySnapshot, deleteSnapshot } from "../../../lab/volume/snapshot";
import { createVolume, deleteVolume, snapshotVolume, type Volume } from "../../../lab/volume/volume";
import { boot, newId } from "../lab-harness";
import { waitForBoot } from "../machine/boot";

jest.setTimeout(300_000);

const mib = 1024 ** 2;
const block = 512 * 1024;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => stopLab(lab));

const newVolume = (sizeGib = 1) => createVolume(lab.run, { id: newId("vol"), sizeGib });
const serial = ({ id }: Volume) => id.replace("-", "");

/** Writes random bytes to a volume that is not attached. */
const write = (volume: Volume, offsetKib: number, kib: number) =>
  inRun(lab.run, [
    "dd",
    "if=/dev/urandom",
    `of=${volume.dataFile}`,
    "bs=1K",
    `seek=${offsetKib}`,
    `count=${kib}`,
    "conv=notrunc,fsync",
    "status=none",
  ]);

/** Waits until the loader has reported this much, which it does every 50 ms. */
async function expectProgress({ loader }: Volume, wanted: LoadingProgress): Promise<void> {
  const reported = () => isDeepStrictEqual(progressOf(loader!), wanted);
  await waitUntil("the loader's report", 60, reported).catch(() => undefined);
  expect(progressOf(loader!)).toEqual(wanted);
}

describe("attaching", () => {
  it("shows a volume by NVMe name, serial, model and link, at boot or later, and takes it away again", async () => {
    const [first, second, third] = [await newVolume(1), await newVolume(2), await newVolume(3)];
    const machine = await boot(lab, { volumes: [{ volume: second, deviceName: "/dev/sdf" }] });
    await waitForBoot(machine);
    await expect(attachVolume(machine, { volume: third, deviceName: "/dev/sdg" })).resolves.toBe("nvme2n1");
    await expect(attachVolume(machine, { volume: first, deviceName: "/dev/sdh" })).resolves.toBe("nvme3n1");
    const show = `
      cd /sys/block
      for disk in *; do echo $disk $(cat $disk/device/serial) $(cat $disk/device/model), $(blockdev --getsize64 --getss /dev/$disk); done
      for link in /dev/disk/by-id/*; do echo $(basename $link) $(basename $(readlink --canonicalize $link)); done`;
    const gib = 1024 ** 3;
    const root = machine.rootVolume;
    const disk = (name: string, volume: Volume) =>
      `${name} ${serial(volume)} Amazon Elastic Block Store, ${volume.sizeGib * gib} 512`;
    const link = (name: string, volume: Volume, part = "") =>
      `nvme-Amazon_Elastic_Block_Store_${serial(volume)}${part} ${name}`;
    const links = [
      link("nvme0n1", root),
      link("nvme0n1p1", root, "-part1"),
      link("nvme1n1", second),
      link("nvme2n1", third),
      link("nvme3n1", first),
    ];
    const seen = (await shellIn(machine, show)).trim().split("\n");
    expect(seen.slice(0, 4)).toEqual([
      disk("nvme0n1", root),
      disk("nvme1n1", second),
      disk("nvme2n1", third),
      disk("nvme3n1", first),
    ]);
    expect(seen.slice(4).sort()).toEqual(links.sort());
    await expect(
      shellIn(
        machine,
        `systemctl is-active "dev-disk-by\\x2did-nvme\\x2dAmazon_Elastic_Block_Store_${serial(first)}.device"`,
      ),
    ).resolves.toBe("active\n");

    await detachVolume(machine, third.id);
    await expect(
      shellIn(
        machine,
        "ls /sys/block; ls /dev/nvme*n1 /dev/disk/by-id | grep --count . ; ls /dev/nvme2n1 2>&1 || true",
      ),
    ).resolves.toMatch(/^nvme0n1\nnvme1n1\nnvme3n1\n\d+\nls: cannot access '\/dev\/nvme2n1'/);
    await deleteVolume(lab.run, third);
    await powerOff(machine);
  });

  it("makes a read-only device where asked to", async () => {
    const volume = await newVolume();
    const machine = await boot(lab, { volumes: [{ volume, deviceName: "/dev/sdf", readOnly: true }] });
    await waitForBoot(machine);
    await expect(
      shellIn(machine, "cat /sys/block/nvme1n1/ro; dd if=/dev/zero of=/dev/nvme1n1 count=1 2>&1 || true"),
    ).resolves.toMatch(/^1\n.*not permitted/s);
    await powerOff(machine);
  });
});

describe("snapshots", () => {
  it("count the blocks of 512 KiB, all and those written since the one before", async () => {
    const volume = await newVolume();
    await write(volume, 0, 1024);
    await write(volume, 100 * 1024, 4);
    const first = await snapshotVolume(lab.run, volume, newId("snap"));
    expect([first.fullBytes, first.incrementBytes]).toEqual([3 * block, 3 * block]);

    await write(volume, 510, 4);
    await write(volume, 200 * 1024, 1);
    const second = await snapshotVolume(lab.run, volume, newId("snap"));
    expect([second.fullBytes, second.incrementBytes]).toEqual([4 * block, 3 * block]);

    const third = await snapshotVolume(lab.run, volume, newId("snap"));
    expect([third.fullBytes, third.incrementBytes]).toEqual([4 * block, 0]);

    const copyOfFirst = await copySnapshot(lab.run, newId("snap"), first);
    const copyOfSecond = await copySnapshot(lab.run, newId("snap"), second, copyOfFirst);
    expect([copyOfFirst.incrementBytes, copyOfSecond.incrementBytes]).toEqual([3 * block, 3 * block]);

    await deleteSnapshot(lab.run, first);
    const restored = await createVolume(lab.run, { id: newId("vol"), snapshot: second, sizeGib: 2 });
    await inRun(lab.run, ["cmp", `--bytes=${1024 ** 3}`, volume.dataFile, restored.dataFile]);
    await write(restored, 0, 1);
    const increment = await snapshotVolume(lab.run, restored, newId("snap"));
    expect([increment.fullBytes, increment.incrementBytes]).toEqual([4 * block, block]);
  });

  it("never grow smaller: EBS knows no discard", async () => {
    const volume = await newVolume();
    await write(volume, 0, 1024);
    const before = await snapshotVolume(lab.run, volume, newId("snap"));
    await inRun(lab.run, ["fallocate", "--punch-hole", "--offset=0", `--length=${mib}`, volume.dataFile]);
    const after = await snapshotVolume(lab.run, volume, newId("snap"));
    expect([after.fullBytes, after.incrementBytes]).toEqual([before.fullBytes, 0]);
  });

  it("refuse a volume that is smaller", async () => {
    const volume = await newVolume(2);
    const snapshot = await snapshotVolume(lab.run, volume, newId("snap"));
    await expect(createVolume(lab.run, { id: newId("vol"), snapshot, sizeGib: 1 })).rejects.toThrow(
      "at least 2 GiB, found 1",
    );
  });
});

describe("a volume from a snapshot", () => {
  const readTwice = (count: number, offset = 0) => `
    for pass in 1 2; do
      begin=$(date +%s%N)
      dd if=/dev/nvme1n1 of=/dev/null bs=512K skip=${offset} count=${count} iflag=direct status=none
      echo $((($(date +%s%N) - begin) / 1000000))
    done`;

  it("loads lazily: the first touch of a block waits, the second does not, a hole never does", async () => {
    const volume = await newVolume();
    await write(volume, 0, 20 * 1024);
    const snapshot = await snapshotVolume(lab.run, volume, newId("snap"));
    const lazy = await createVolume(lab.run, { id: newId("vol"), snapshot, loading: { firstTouchMs: 60 } });
    const machine = await boot(lab, { volumes: [{ volume: lazy, deviceName: "/dev/sdf" }] });
    await waitForBoot(machine);
    const touched = progressOf(lazy.loader!).touched;
    const [first, second] = (await shellIn(machine, readTwice(40))).trim().split("\n").map(Number);
    // At least the latency of each block that was not touched before; how long the rest takes is this host's affair.
    expect(first).toBeGreaterThanOrEqual(60 * (40 - touched));
    expect(second).toBeLessThan(first! / 2);
    await expectProgress(lazy, { blocks: 40, loaded: 40, touched: 40 });
    const [hole] = (await shellIn(machine, readTwice(40, 100))).trim().split("\n").map(Number);
    expect(hole).toBeLessThan(60 * 40);
    await inRun(lab.run, ["cmp", volume.dataFile, lazy.dataFile]);
    await powerOff(machine);
    await deleteVolume(lab.run, lazy);
  });

  it("loads no more than its throughput, however many read at the same time, and what is loaded waits for nothing", async () => {
    const volume = await newVolume();
    await write(volume, 0, 20 * 1024);
    const snapshot = await snapshotVolume(lab.run, volume, newId("snap"));
    const loading = { firstTouchMs: 100, firstTouchMibPerSecond: 5 };
    const lazy = await createVolume(lab.run, { id: newId("vol"), snapshot, loading });
    const readBy40 =
      "seq 0 39 | xargs --max-procs=40 --replace dd if=$1 of=/dev/null bs=512K skip={} count=1 status=none";
    const read = async () => {
      const began = performance.now();
      await inRun(lab.run, ["bash", "-c", readBy40, "read", lazy.loader!.file]);
      return performance.now() - began;
    };
    const [first, second] = [await read(), await read()];
    // Side by side, 40 touches of 100 ms would take little more than one; 20 MiB at 5 MiB/s take 4 s.
    expect(first).toBeGreaterThanOrEqual(4000);
    expect(second).toBeLessThan(first);
    await expectProgress(lazy, { blocks: 40, loaded: 40, touched: 40 });
    await inRun(lab.run, ["cmp", volume.dataFile, lazy.dataFile]);
    await deleteVolume(lab.run, lazy);
  });

  it("answers what is loaded while 64 touches wait", async () => {
    const volume = await newVolume();
    await write(volume, 0, 40 * 1024);
    const snapshot = await snapshotVolume(lab.run, volume, newId("snap"));
    const lazy = await createVolume(lab.run, { id: newId("vol"), snapshot, loading: { firstTouchMs: 3000 } });
    const reads = `
import mmap, os, sys, threading
file = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECT)
def read(block, name):
    os.preadv(file, [mmap.mmap(-1, 524288)], block * 524288)
    os.write(1, name + b"\\n")
read(0, b"first")
for block in range(1, 65):
    threading.Thread(target=read, args=(block, b"touched")).start()
threading.Event().wait(0.5)
read(0, b"again")`;
    const seen = await inRun(lab.run, ["python3", "-c", reads, lazy.loader!.file]);
    expect(seen.trim().split("\n")).toEqual(["first", "again", ...Array(64).fill("touched")]);
    await deleteVolume(lab.run, lazy);
  });

  it("loads in the background at its initialization rate, and at once with fast restore", async () => {
    const volume = await newVolume();
    await write(volume, 0, 20 * 1024);
    const snapshot = await snapshotVolume(lab.run, volume, newId("snap"));
    const rated = await createVolume(lab.run, {
      id: newId("vol"),
      snapshot,
      loading: { firstTouchMs: 15, rateMibPerSecond: 100 },
    });
    await expectProgress(rated, { blocks: 40, loaded: 40, touched: 0 });
    await deleteVolume(lab.run, rated);
    const fast = await createVolume(lab.run, { id: newId("vol"), snapshot });
    expect(fast.loader).toBeUndefined();
  });

  it("loads a block before it is written in part", async () => {
    const volume = await newVolume();
    await write(volume, 0, 1024);
    const snapshot = await snapshotVolume(lab.run, volume, newId("snap"));
    const lazy = await createVolume(lab.run, { id: newId("vol"), snapshot, loading: { firstTouchMs: 15 } });
    await inRun(lab.run, [
      "dd",
      "if=/dev/zero",
      `of=${lazy.loader!.file}`,
      "bs=4K",
      "seek=1",
      "count=1",
      "conv=notrunc,fsync",
      "status=none",
    ]);
    await inRun(lab.run, ["cmp", "--bytes=4096", volume.dataFile, lazy.dataFile]);
    await expectProgress(lazy, { blocks: 2, loaded: 1, touched: 1 });
    const increment = await snapshotVolume(lab.run, lazy, newId("snap"));
    expect(increment.incrementBytes).toBe(block);
    await deleteVolume(lab.run, lazy);
  });
});

describe("a power cut", () => {
  const writing = `
    mkfs.xfs -q /dev/nvme1n1 && mkdir /mnt/cache && mount /dev/nvme1n1 /mnt/cache
    head --bytes=20M /dev/zero | tr '\\000' x >/mnt/cache/synced && sync
    head --bytes=20M /dev/zero | tr '\\000' x >/mnt/cache/unsynced`;
  const look = `
    mkdir --parents /mnt/cache; mount /dev/nvme1n1 /mnt/cache
    for name in synced unsynced; do
      if [[ -e /mnt/cache/$name ]]; then echo "$name $(tr --delete '\\000' </mnt/cache/$name | wc --bytes)"; fi
    done`;

  async function afterwards(
    end: (machine: Awaited<ReturnType<typeof boot>>) => Promise<unknown>,
    attached: "at launch" | "later" = "at launch",
  ): Promise<string> {
    const attachment = { volume: await newVolume(), deviceName: "/dev/sdf" };
    const machine = await boot(lab, attached === "later" ? {} : { volumes: [attachment] });
    await waitForBoot(machine);
    if (attached === "later") await attachVolume(machine, attachment);
    await shellIn(machine, writing);
    await end(machine);
    await startMachine(machine);
    await waitForBoot(machine);
    const seen = await shellIn(machine, look);
    await powerOff(machine);
    return seen;
  }

  it.each(["at launch", "later"] as const)("loses what was not synced, and nothing else, attached %s", async (when) => {
    const seen = await afterwards(cutPower, when);
    expect(seen).toMatch(new RegExp(`^synced ${20 * mib}$`, "m"));
    expect(seen).not.toContain(`unsynced ${20 * mib}`);
  });

  it("is not what a kill leaves, which has everything", async () => {
    await expect(afterwards(kill)).resolves.toContain(`unsynced ${20 * mib}`);
  });
});

describe("damage", () => {
  const look = async (volume: Volume) =>
    (
      await inRun(lab.run, [
        "bash",
        "-c",
        "blkid --probe --output value --match-tag TYPE $1; stat --format=%s $1",
        "look",
        volume.dataFile,
      ])
    ).trim();

  it.each([
    { damage: { kind: "blank" } as const, seen: `${1024 ** 3}` },
    { damage: { kind: "superblock" } as const, seen: `${1024 ** 3}` },
    { damage: { kind: "half" } as const, seen: `xfs\n${1024 ** 3}` },
    { damage: { kind: "shorten", toBytes: 512 * mib } as const, seen: `xfs\n${512 * mib}` },
    { damage: { kind: "flip", offsetBytes: 4096, lengthBytes: 512 } as const, seen: `xfs\n${1024 ** 3}` },
  ])("of kind $damage.kind", async ({ damage, seen }) => {
    const volume = await newVolume();
    await inRun(lab.run, ["mkfs.xfs", "-q", volume.dataFile]);
    const isClean = () =>
      inRun(lab.run, ["xfs_repair", "-n", "-f", volume.dataFile]).then(
        () => true,
        () => false,
      );
    await expect(isClean()).resolves.toBe(true);
    damageVolume(lab.run, volume, damage);
    await expect(look(volume)).resolves.toBe(seen);
    await expect(isClean()).resolves.toBe(false);
  });
});
