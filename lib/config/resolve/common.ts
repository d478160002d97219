/** Settings that the nouns of a cell have in common. */

import type { Architecture } from "../../contract";
import { keyAsNamed, type PullThroughMap } from "../../pull-through";
import type { Common, Instance, Network } from "../cell";
import type { RegionalConfig } from "../schema/cache";
import type { InstanceNoun } from "../schema/fields";
import type { CacheConfig, Config } from "../schema/schema";
import { sortedRecord } from "./stable";

/** Sources of the parts of one cell. */
export interface Place {
  readonly config: Config;
  readonly region: string;
  readonly cache: CacheConfig;
  readonly regional: RegionalConfig;
  readonly architecture: Architecture;
  readonly name: string;
  /** What the region's section `pull_through` says, if the cache itself says nothing. */
  readonly pullThrough: PullThroughMap;
  /** Repositories of the region's CI images by their entries. */
  readonly ciImages: Readonly<Record<string, string>>;
}

/** Settings that every noun has. */
export function common({ config, cache, regional, architecture, name }: Place): Common {
  return {
    name,
    architecture,
    tags: sortedRecord(config.tags),
    permissionsBoundaryArn: cache.permissions_boundary_arn,
    rolePath: cache.role_path,
    kmsKeyArn: regional.kms_key_arn,
  };
}

/** How the cache's images are had through ECR, sorted. Hosts are as references mean them. */
export function pullThrough({ cache, pullThrough: ofRegion }: Place): PullThroughMap {
  if (cache.pull_through === null) return ofRegion;
  const named = Object.entries(cache.pull_through).map(([key, prefix]) => [keyAsNamed(key), prefix]);
  return sortedRecord(Object.fromEntries(named));
}

/** Size aside, what kind of volume it is. */
export function kind({
  type,
  iops,
  throughput_mibps,
}: {
  type: string;
  iops: number | null;
  throughput_mibps: number | null;
}) {
  return { type, iops, throughputMibps: throughput_mibps };
}

/** A noun's instances. */
export function instance({ cache, architecture }: Place, noun: InstanceNoun): Instance {
  const given = cache.architectures[architecture]![noun];
  return {
    imageId: given.image_id,
    instanceType: given.instance_type,
    rootDeviceName: given.root_device_name,
    rootVolumeSizeGib: given.root_volume_size_gib,
  };
}

/** Network of a noun's instances. They get no public address in a subnet of the user's unless it is asked for. */
export function network(regional: RegionalConfig, noun: InstanceNoun): Network {
  const given = regional[noun];
  return {
    subnetId: given.subnet_id,
    associatePublicIpAddress: given.subnet_id === null ? null : (given.associate_public_ip_address ?? false),
    securityGroupIds: [...given.security_group_ids].sort(),
    proxy: { ...regional.proxy },
  };
}
