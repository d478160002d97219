import { readFileSync } from "node:fs";
import { endProcess, type LabProcess, startInRun } from "../run/process";
import type { LabRun } from "../run/run";

/** An open loop device. */
export interface LoopDevice {
  /** As the run sees it, `/dev/loop7`. */
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** Its backing file, as the kernel names it. */
  readonly backing: string;
  /** Keeps the device: it clears itself when neither this process nor anything else uses it. */
  readonly holder: LabProcess;
}

/** Options of a loop device. */
export interface LoopOptions {
  /** Offset in the file at which it begins. Default: 0. */
  readonly offsetBytes?: number;
  readonly readOnly?: boolean;
  /**
   * Past the page cache, so that the host does not read ahead of the machine. Default: false. A reflink (snapshot, power cut) has what the machine's
   * kernel wrote to the device either way. But on files that share blocks, XFS allows direct I/O in 4096 bytes only, and EBS has sectors of 512.
   */
  readonly directIo?: boolean;
}

// Detaching a device that is in use marks it to be cleared when its last user goes. No run can leave one behind, however it ends.
const holdScript = `
device=$(losetup --find --show "$@")
exec 3<"$device"
losetup --detach "$device"
echo "$device $(stat --format='%Hr %Lr' "$device")"
exec sleep infinity`;

/** Opens a file of the run as a loop device. */
export async function openLoopDevice(run: LabRun, file: string, options: LoopOptions = {}): Promise<LoopDevice> {
  const flags = [
    `--direct-io=${options.directIo ? "on" : "off"}`,
    ...(options.offsetBytes ? [`--offset=${options.offsetBytes}`] : []),
    ...(options.readOnly ? ["--read-only"] : []),
  ];
  const holder = await startInRun(run, ["bash", "-o", "errexit", "-c", holdScript, "hold", ...flags, file], {
    readyLine: /^(\S+) (\d+) (\d+)$/,
  });
  const [, path, major, minor] = holder.ready!;
  return { path: path!, major: Number(major), minor: Number(minor), backing: backingOf(path!) ?? "", holder };
}

function backingOf(path: string): string | undefined {
  try {
    return readFileSync(`/sys/block/${path.slice("/dev/".length)}/loop/backing_file`, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** True if nothing uses it any more. */
export function isCleared({ path, backing }: LoopDevice): boolean {
  return backingOf(path) !== backing;
}

/** Lets go of a loop device. It is cleared at once, or when a machine that still has it mounted lets go too. */
export async function closeLoopDevice(device: LoopDevice): Promise<void> {
  await endProcess(device.holder);
}
