import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { type LabRun, pathFromHost } from "../run/run";
import type { Volume } from "./volume";

/** Damage to a volume that is not attached. */
export type Damage =
  /** Nothing but zeros. */
  | { readonly kind: "blank" }
  /** The second half is zeros: the file system is there, much of it is not. */
  | { readonly kind: "half" }
  /** The device ends there: smaller than the file system on it. */
  | { readonly kind: "shorten"; readonly toBytes: number }
  /** The first superblock, of XFS and of ext4, has every bit flipped. */
  | { readonly kind: "superblock" }
  /** Every bit of these bytes is flipped. */
  | { readonly kind: "flip"; readonly offsetBytes: number; readonly lengthBytes: number };

const superblocksEnd = 4096;

/** Damages a volume; it must not be attached. */
export function damageVolume(run: LabRun, volume: Volume, damage: Damage): void {
  const file = openSync(pathFromHost(run, volume.dataFile), "r+");
  try {
    inflict(file, statSync(pathFromHost(run, volume.dataFile)).size, damage);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function inflict(file: number, size: number, damage: Damage): void {
  switch (damage.kind) {
    case "blank":
      ftruncateSync(file, 0);
      ftruncateSync(file, size);
      break;
    case "half":
      ftruncateSync(file, size / 2);
      ftruncateSync(file, size);
      break;
    case "shorten":
      ftruncateSync(file, damage.toBytes);
      break;
    case "superblock":
      flip(file, 0, superblocksEnd);
      break;
    case "flip":
      flip(file, damage.offsetBytes, damage.lengthBytes);
      break;
  }
}

function flip(file: number, offset: number, length: number): void {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  writeSync(
    file,
    bytes.map((byte) => byte ^ 0xff),
    0,
    length,
    offset,
  );
}
