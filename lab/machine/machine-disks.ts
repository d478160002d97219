import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoopDevice } from "../volume/loop-device";

/** A disk as a machine sees it. */
export interface Disk {
  /** `nvme1n1`. */
  readonly name: string;
  /** EBS volume id, with its dash. */
  readonly volumeId: string;
  readonly device: LoopDevice;
  /** The root disk's only partition. */
  readonly partition?: LoopDevice;
}

const partitionStartSectors = 2048;

/** Makes the folder that a machine finds at /run/docker-cache-lab. */
export function makeHardware(machineDirectory: string): void {
  mkdirSync(join(machineDirectory, "hardware", "block"), { recursive: true });
  writeFileSync(join(machineDirectory, "hardware", "devices"), "");
}

/** Writes what the machine's /dev and /sys/block are made of: see image/usr/lib/docker-cache-lab/devices. */
export function describeDisks(machineDirectory: string, disks: readonly Disk[]): void {
  const block = join(machineDirectory, "hardware", "block");
  const named = new Set(disks.map((disk) => disk.name));
  for (const name of readdirSync(block)) if (!named.has(name)) rmSync(join(block, name), { recursive: true });
  for (const disk of disks) if (!existsSync(join(block, disk.name))) describeInSys(join(block, disk.name), disk);
  const lines = disks.flatMap((disk) => [
    deviceLine(disk.device, disk.name, disk.volumeId),
    ...(disk.partition ? [deviceLine(disk.partition, `${disk.name}p1`, disk.volumeId)] : []),
  ]);
  // In place: the machine sees this very file through a bind mount of its folder.
  writeFileSync(join(machineDirectory, "hardware", "devices"), lines.join(""));
}

function deviceLine(device: LoopDevice, name: string, volumeId: string): string {
  return `${device.major} ${device.minor} ${name} ${serialOf(volumeId)}\n`;
}

/** The NVMe serial number of a volume is its id without the dash. */
function serialOf(volumeId: string): string {
  return volumeId.replace("-", "");
}

function describeInSys(folder: string, disk: Disk): void {
  mkdirSync(join(folder, "device"), { recursive: true });
  const attributes = {
    model: "Amazon Elastic Block Store",
    serial: serialOf(disk.volumeId),
    transport: "pcie",
    state: "live",
  };
  for (const [name, value] of Object.entries(attributes)) writeFileSync(join(folder, "device", name), `${value}\n`);
  linkAttributes(folder, disk.device);
  if (!disk.partition) return;
  const partition = join(folder, `${disk.name}p1`);
  mkdirSync(partition);
  linkAttributes(partition, disk.partition);
  for (const [name, value] of Object.entries({ partition: 1, start: partitionStartSectors }))
    writeFileSync(join(partition, name), `${value}\n`);
}

function linkAttributes(folder: string, device: LoopDevice): void {
  const real = `/sys/devices/virtual/block/${device.path.slice("/dev/".length)}`;
  const own = new Set(["device", "subsystem", "loop", "power"]);
  for (const name of readdirSync(real)) if (!own.has(name)) symlinkSync(`${real}/${name}`, join(folder, name));
}
