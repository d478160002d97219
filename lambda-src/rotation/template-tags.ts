/** What the tags of a launch template ask for, and what EC2 would refuse of it. */
import { CACHE_DEVICE_NAME, MAPPING_KEYS, TAG } from "../../lib/contract";
import { rateFault, VOLUME_TYPE_NAMES, type VolumeTypeName, volumeFaults } from "../../lib/volume-types";
import type { LaunchTemplate, Snapshot } from "./types";

type MappingKey = (typeof MAPPING_KEYS)[number];

/** The values of `docker-cache:mapping`; undefined: not given. */
export type MappingValues = { readonly type?: VolumeTypeName } & {
  readonly [key in Exclude<MappingKey, "type">]?: number;
};

export interface ParsedMapping {
  readonly values: MappingValues;
  readonly problems: readonly string[];
}

function readValue(key: string, text: string): VolumeTypeName | number | undefined {
  if (key === "type") return VOLUME_TYPE_NAMES.find((name) => name === text);
  const known = (MAPPING_KEYS as readonly string[]).includes(key);
  return known && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

const FORM = `${MAPPING_KEYS.join("=, ")}= with a whole number, or for type with ${VOLUME_TYPE_NAMES.join(", ")}`;

/** `size=100 type=gp3 iops=3000` as values; what cannot be read is a problem and left out. */
export function parseMapping(text: string): ParsedMapping {
  const values: Partial<Record<string, VolumeTypeName | number>> = {};
  const problems: string[] = [];
  for (const pair of text.split(/\s+/).filter((part) => part !== "")) {
    const [, key = "", given = ""] = /^([a-z]+)=([a-z0-9]+)$/.exec(pair) ?? [];
    const value = readValue(key, given);
    if (value === undefined) problems.push(`found ${JSON.stringify(pair)}, expected ${FORM}`);
    else values[key] = value;
  }
  return { values: values as MappingValues, problems };
}

/** Size of the volume in GiB: never less than the snapshot's, for EC2 would refuse it. */
export function volumeSizeGib({ size = 0 }: MappingValues, promoted: Snapshot): number {
  return Math.max(promoted.volumeSizeGib, size);
}

/** Keys of the tag by the parts of a volume. */
const KEYS = { sizeGib: "size", iops: "iops", throughputMibps: "throughput" } as const;

function mappingProblems(text: string, promoted: Snapshot | undefined): string[] {
  const { values, problems } = parseMapping(text);
  if (problems.length > 0) return [...problems];
  const { type = "gp3", iops = null, throughput: throughputMibps = null, rate } = values;
  const sizeGib = promoted ? volumeSizeGib(values, promoted) : (values.size ?? null);
  const wish = { type, sizeGib, iops, throughputMibps };
  const slow = rate === undefined ? null : rateFault(rate);
  const faults = [
    ...volumeFaults(wish).map(({ what, ...fault }) => ({ key: KEYS[what], ...fault })),
    ...(slow ? [{ key: "rate" as const, ...slow }] : []),
  ];
  return faults.map(({ key, found, expected, fix }) => `${key}: found ${found}, expected ${expected}: ${fix}`);
}

/**
 * Names that a volume beside the root can have on an instance with HVM (EC2 User Guide, device names for volumes), with or without `/dev/`:
 * "for example, /dev/sdh or xvdh" (EC2 API Reference, BlockDeviceMapping). EC2 fails the launch with another one, and a name of the root would
 * take the root's place.
 */
const DEVICE_NAME = /^(\/dev\/)?(sd[b-z]([1-9]|1[0-5])?|xvd([b-z]|[a-d][a-z]))$/;

/** The name of the cache device that the tags ask for. */
export function deviceNameOf({ tags }: LaunchTemplate): string {
  return tags[TAG.device] ?? CACHE_DEVICE_NAME;
}

const bare = (name = "") => name.replace("/dev/", "");

/** True if both name one device: `sdf` is `/dev/sdf`. */
export const isSameDevice = (one: string | undefined, other: string) => bare(one) === bare(other);

/** True if EC2 takes the name for a volume beside the root. */
export const isDeviceName = (name: string) => DEVICE_NAME.test(name);

/** Returns what EC2 would refuse of the cache device that a template's tags ask for, in words. */
export function tagProblems(template: LaunchTemplate, promoted: Snapshot | undefined): string[] {
  const name = deviceNameOf(template);
  const of = (tag: string, problem: string) => `tag ${tag} of launch template ${template.id}: ${problem}`;
  const device = `found ${JSON.stringify(name)}, expected a device name of EC2's beside the root, such as /dev/sdf`;
  return [
    ...(isDeviceName(name) ? [] : [of(TAG.device, device)]),
    ...mappingProblems(template.tags[TAG.mapping] ?? "", promoted).map((problem) => of(TAG.mapping, problem)),
  ];
}
