import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type LabProcess, startInRun } from "../run/process";
import { closeLoopDevice, openLoopDevice } from "../volume/loop-device";
import { createRootVolume, fileToAttach, type Volume } from "../volume/volume";
import { makeControlGroup, makeProcessorGroup } from "./control-group";
import type { Lab } from "./lab";
import { type NetworkPlace, plugIn } from "./lab-network";
import { type Disk, describeDisks, makeHardware } from "./machine-disks";
import type { MachineMetadata } from "./metadata";

/** A volume and how it is attached. */
export interface Attachment {
  readonly volume: Volume;
  /** As the launch or the AttachVolume call names it: `/dev/sdf`. The machine learns it from the metadata only. */
  readonly deviceName: string;
  /** Default: false. */
  readonly readOnly?: boolean;
}

/** Specification of a machine. */
export interface MachineSpec {
  /** Instance id: `i-` and 17 hexadecimal digits. */
  readonly id: string;
  /** A cached image: `GENERATION` or `GENERATION-aws` (see lab/setup). */
  readonly image: string;
  readonly rootVolumeId: string;
  /** Default: `/dev/xvda`. */
  readonly rootDeviceName?: string;
  /** Volumes attached before it boots, in the order of their NVMe names. */
  readonly volumes?: readonly Attachment[];
  /** Device names that the metadata lists as mapped though their volumes are not there, or not yet. */
  readonly announced?: readonly string[];
  /** Limit to what it can receive. Default: unlimited. */
  readonly networkMbitPerSecond?: number;
  /** User data, decoded. */
  readonly userData?: Buffer | string;
  /** Answers of the metadata service that do not follow from the rest. */
  readonly metadata: Omit<
    MachineMetadata,
    "instanceId" | "localIpv4" | "mac" | "hostname" | "blockDeviceMapping" | "userData"
  >;
}

/** End of a boot. */
export type MachineEnd = "power-off" | "killed";

/** A machine, running or off. */
export interface Machine {
  readonly lab: Lab;
  readonly spec: MachineSpec;
  readonly place: NetworkPlace;
  readonly controlGroup: string;
  /** Its files on the host, `console.log` among them. */
  readonly directory: string;
  readonly rootVolume: Volume;
  /** Attached disks, the root disk first. */
  disks: Disk[];
  /** Attached volumes besides the root disk. */
  attachments: Attachment[];
  /** The boot that runs; undefined when it is off. */
  boot?: LabProcess;
  /** Resolves when it is off: a reboot is not an end. */
  ended: Promise<MachineEnd>;
}

const rebootStatus = 133;
const partitionOffsetBytes = 1024 * 1024;

/** Makes a machine and boots it; returns as soon as it boots. */
export async function bootMachine(lab: Lab, spec: MachineSpec): Promise<Machine> {
  const directory = join(lab.run.directory, "machines", spec.id);
  mkdirSync(directory);
  makeHardware(directory);
  const rootVolume = await createRootVolume(lab.run, { id: spec.rootVolumeId, image: spec.image });
  const place = await plugIn(lab.run, lab.nextNumber(), spec.networkMbitPerSecond);
  const controlGroup = makeControlGroup(lab.run, spec.id);
  const machine: Machine = {
    lab,
    spec,
    place,
    controlGroup,
    directory,
    rootVolume,
    disks: [],
    attachments: [...(spec.volumes ?? [])],
    ended: Promise.resolve("power-off"),
  };
  await startMachine(machine);
  return machine;
}

/** Boots a machine that is off, with the same root disk and address. */
export async function startMachine(machine: Machine): Promise<void> {
  if (machine.boot) throw new Error(`${machine.spec.id} runs already`);
  await openDisks(machine);
  machine.lab.metadata.serve(metadataOf(machine));
  machine.boot = await launch(machine);
  machine.ended = followBoots(machine);
}

async function openDisks(machine: Machine): Promise<void> {
  const { run } = machine.lab;
  const { dataFile: file, id } = machine.rootVolume;
  const partition = await openLoopDevice(run, file, { offsetBytes: partitionOffsetBytes });
  machine.disks = [{ name: "nvme0n1", volumeId: id, device: await openLoopDevice(run, file), partition }];
  for (const attachment of machine.attachments) machine.disks.push(await openDisk(machine, attachment));
  describeDisks(machine.directory, machine.disks);
}

/** Opens a volume under the lowest NVMe name that is free. */
export async function openDisk(machine: Machine, { volume, readOnly }: Attachment): Promise<Disk> {
  const taken = new Set(machine.disks.map((disk) => disk.name));
  let number = 1;
  while (taken.has(`nvme${number}n1`)) number++;
  const options = { readOnly, directIo: volume.loader !== undefined };
  const device = await openLoopDevice(machine.lab.run, fileToAttach(volume), options);
  return { name: `nvme${number}n1`, volumeId: volume.id, device };
}

async function launch(machine: Machine): Promise<LabProcess> {
  const { spec, place, directory, controlGroup } = machine;
  const root = machine.disks[0]!.partition!.path;
  const machineId = createHash("md5").update(spec.id).digest("hex");
  const groups = [controlGroup, makeProcessorGroup(machine.lab.run) ?? ""];
  const command = [join(__dirname, "boot"), directory, root, ...groups, place.namespace, place.hostname, machineId];
  return startInRun(machine.lab.run, command, { log: join("machines", spec.id, "console.log") });
}

async function followBoots(machine: Machine): Promise<MachineEnd> {
  for (;;) {
    const status = await machine.boot?.ended;
    if (status === rebootStatus) {
      machine.boot = await launch(machine);
      continue;
    }
    await Promise.all(machine.disks.map(closeDisk));
    machine.disks = [];
    machine.boot = undefined;
    return status === 0 ? "power-off" : "killed";
  }
}

/** Lets go of a disk. */
export async function closeDisk({ device, partition }: Disk): Promise<void> {
  await closeLoopDevice(device);
  if (partition) await closeLoopDevice(partition);
}

function metadataOf({ spec, place, attachments }: Machine): MachineMetadata {
  const root = spec.rootDeviceName ?? "/dev/xvda";
  const mapping: Record<string, string> = { ami: root.replace("/dev/", ""), root };
  const mapped = [...attachments.map(({ deviceName }) => deviceName), ...(spec.announced ?? [])];
  mapped.forEach((deviceName, index) => {
    mapping[`ebs${index + 1}`] = deviceName.replace("/dev/", "");
  });
  return Object.assign(Object.create(spec.metadata), {
    instanceId: spec.id,
    localIpv4: place.address,
    mac: place.mac,
    hostname: `${place.hostname}.${spec.metadata.region}.compute.internal`,
    blockDeviceMapping: mapping,
    userData: spec.userData === undefined ? undefined : Buffer.from(spec.userData),
  });
}
