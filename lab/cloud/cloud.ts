/**
 * A small EC2 on one machine: the emulated AWS, whose instances boot and whose volumes hold what was written. Calls reach it as they reach AWS:
 * Terraform and the functions over HTTP, machines by the names of AWS's endpoints, over TLS.
 */
import type { EmulatedAws } from "../aws/server/start";
import { startLab, stopLab } from "../machine/lab";
import { startEndpoints } from "../machine/lab-endpoints";
import { followInstances } from "./instances";
import type { Cloud, CloudOptions } from "./types";
import { followVolumes } from "./volumes";

/** Starts a lab behind an emulated AWS. It ends with `stopCloud`, or when this process ends. */
export async function startCloud(aws: EmulatedAws, options: CloudOptions): Promise<Cloud> {
  const lab = await startLab();
  const cloud: Cloud = {
    aws,
    lab,
    options,
    loading: options.loading,
    image: options.image ?? "trixie-aws",
    machines: new Map(),
    volumes: new Map(),
    snapshots: new Map(),
    faults: [],
  };
  try {
    await startEndpoints(lab.run, { url: aws.endpointUrl, regions: options.regions });
    followVolumes(cloud);
    followInstances(cloud);
    return cloud;
  } catch (error) {
    await stopLab(lab);
    throw error;
  }
}

/** Ends the lab and all its machines. The emulated AWS is its starter's to stop. */
export async function stopCloud(cloud: Cloud): Promise<void> {
  await cloud.registry?.stop();
  await stopLab(cloud.lab);
}
