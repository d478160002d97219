/** Instances: their types run the architecture, their images exist in every region. */

import { ARCHITECTURES, type Architecture } from "../../contract";
import { buildingRegions, regionsOf } from "../resolve/regional";
import { CONTAINERD_ENGINE, INSTANCE_NOUNS } from "../schema/fields";
import {
  ARCHITECTURE_IN_IMAGE,
  ARM64_TYPE,
  INSTANCE_ADVICE,
  X86_64_TYPE,
  XEN_ADVICE,
  XEN_TYPE,
} from "../schema/instance";
import type { CacheCheck } from "../text/problem";

/** Types whose architecture is known run the architecture that they are given for. */
export const checkInstanceTypes: CacheCheck = (config, cache) =>
  ARCHITECTURES.flatMap((architecture) =>
    INSTANCE_NOUNS.flatMap((noun) => {
      const type = config.caches[cache]!.architectures[architecture]?.[noun].instance_type;
      const actual = type && architectureOf(type);
      if (actual === undefined || actual === architecture) return [];
      return [
        {
          path: ["caches", cache, "architectures", architecture, noun, "instance_type"],
          found: `${type}, which is ${actual}`,
          expected: `an instance type of architecture ${architecture}`,
          fix: `take one such as ${INSTANCE_ADVICE[architecture]}, or move it under ${actual}`,
        },
      ];
    }),
  );

/** Images whose parameter names an architecture are of the one that they are given for. */
export const checkImageArchitectures: CacheCheck = (config, cache) =>
  ARCHITECTURES.flatMap((architecture) =>
    INSTANCE_NOUNS.flatMap((noun) => {
      const id = config.caches[cache]!.architectures[architecture]?.[noun].image_id ?? "";
      const other = ARCHITECTURES.find((one) => one !== architecture && ARCHITECTURE_IN_IMAGE[one].test(id));
      if (other === undefined) return [];
      return [
        {
          path: ["caches", cache, "architectures", architecture, noun, "image_id"],
          found: `${id}, which is of ${other}`,
          expected: `an AMI of architecture ${architecture}`,
          fix: `name the parameter of ${architecture}, or move it under ${other}`,
        },
      ];
    }),
  );

/** Builders find the cache volume by its id, which no type on Xen shows. */
export const checkBuilderTypes: CacheCheck = (config, cache) =>
  ARCHITECTURES.flatMap((architecture) => {
    const type = config.caches[cache]!.architectures[architecture]?.builder.instance_type;
    if (type === undefined || !XEN_TYPE.test(type)) return [];
    return [
      {
        path: ["caches", cache, "architectures", architecture, "builder", "instance_type"],
        found: `${type}, which runs on Xen`,
        expected:
          "an instance type that shows EBS volumes by NVMe, since a builder knows the cache volume by its serial number",
        fix: XEN_ADVICE,
      },
    ];
  });

/** Returns the architecture of an instance type, or undefined if its name does not tell. */
export function architectureOf(type: string): Architecture | undefined {
  if (ARM64_TYPE.test(type)) return "arm64";
  return X86_64_TYPE.test(type) ? "x86_64" : undefined;
}

/** An AMI id names an image of one region. */
export const checkImageIds: CacheCheck = (config, cache) => {
  const regions = { builder: buildingRegions(config, cache), worker: regionsOf(config, cache) };
  return ARCHITECTURES.flatMap((architecture) =>
    INSTANCE_NOUNS.flatMap((noun) => {
      const id = config.caches[cache]!.architectures[architecture]?.[noun].image_id;
      if (!id?.startsWith("ami-") || regions[noun].length < 2) return [];
      return [
        {
          path: ["caches", cache, "architectures", architecture, noun, "image_id"],
          found: `${id} for ${regions[noun].length} regions: ${regions[noun].join(", ")}`,
          expected: "resolve:ssm:PARAMETER, since an AMI id is of one region",
          fix: "put the id of each region's AMI into a parameter of the same name in each, and name that",
        },
      ];
    }),
  );
};

/** Engines that workers run know the image store. */
export const checkEngine: CacheCheck = (config, cache) => {
  const { image_store, rotation } = config.caches[cache]!;
  if (image_store !== "containerd" || rotation.max_engine === null || rotation.max_engine >= CONTAINERD_ENGINE)
    return [];
  const path = ["caches", cache, "rotation", "max_engine"];
  const expected = `${CONTAINERD_ENGINE} or later, as \`image_store\` is containerd`;
  return [{ path, found: `${rotation.max_engine}`, expected, fix: "raise it, or take image_store: overlay2" }];
};
