/** Parts that the launch templates of builder and worker have in common. */
import type { Common, Instance } from "../../lib/config/cell";
import type { Tags } from "./tags";

/** Instances, volumes and interfaces are tagged at launch: policies know them by their tags. */
export function tagSpecifications(tags: Tags) {
  return ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags }));
}

/** The root disk: encrypted, gone with the instance. */
export function rootVolume({ instance, kmsKeyArn }: Common & { readonly instance: Instance }) {
  return {
    deviceName: instance.rootDeviceName,
    ebs: {
      volumeSize: instance.rootVolumeSizeGib,
      volumeType: "gp3",
      encrypted: "true",
      kmsKeyId: kmsKeyArn ?? undefined,
      deleteOnTermination: "true",
    },
  };
}

/** Version 2 of the metadata service alone; `hops` 2 lets containers reach it. */
export function metadataOptions(hops: number) {
  return { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: hops };
}
