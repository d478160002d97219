import { type Attachment, closeDisk, type Machine, openDisk } from "./machine";
import { type Disk, describeDisks } from "./machine-disks";
import { shellIn } from "./machine-shell";

/** Attaches a volume to a running machine, as AttachVolume does, and returns its NVMe name; a later boot finds it too. */
export async function attachVolume(machine: Machine, attachment: Attachment): Promise<string> {
  const disk = await openDisk(machine, attachment);
  machine.attachments.push(attachment);
  machine.disks.push(disk);
  await showDisks(machine, disk, "add");
  return disk.name;
}

/** Detaches a volume, mounted or not, as DetachVolume does. What still has it mounted keeps it until it lets go. */
export async function detachVolume(machine: Machine, volumeId: string): Promise<void> {
  const disk = machine.disks.find((candidate) => candidate.volumeId === volumeId);
  if (!disk)
    throw new Error(
      `${volumeId} is not attached to ${machine.spec.id}: found ${machine.disks.map((d) => d.volumeId).join(", ")}`,
    );
  machine.attachments = machine.attachments.filter(({ volume }) => volume.id !== volumeId);
  machine.disks = machine.disks.filter((candidate) => candidate !== disk);
  await showDisks(machine, disk, "remove");
  await closeDisk(disk);
}

async function showDisks(machine: Machine, changed: Disk, action: "add" | "remove"): Promise<void> {
  describeDisks(machine.directory, machine.disks);
  const event = `/sys/devices/virtual/block/${changed.device.path.replace("/dev/", "")}/uevent`;
  // The device is there before udev hears of it, and gone before it hears that it goes.
  await shellIn(
    machine,
    `/usr/lib/docker-cache-lab/devices\necho ${action} >${event}\nudevadm settle --timeout=5 || true`,
  );
}
