/** Instances per CPU architecture. */

import { z } from "zod";
import type { Architecture } from "../../contract";
import { type InstanceNoun, spelled } from "./fields";

/** Amazon's ECS-optimised Amazon Linux 2023, which ships Docker; public parameters, resolved at launch, so that the image never drifts. */
const DEFAULT_IMAGE: Record<Architecture, string> = {
  x86_64: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
  arm64: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
};

/** Previous-generation general-purpose types, since every region offers them; builders want cores to unpack layers with. */
const DEFAULT_TYPE: Record<Architecture, { builder: string; worker: string }> = {
  x86_64: { builder: "m6i.xlarge", worker: "m6i.large" },
  arm64: { builder: "m6g.xlarge", worker: "m6g.large" },
};

/**
 * Types that run on Xen, for AWS adds no more of them: `hypervisor` of EC2's DescribeInstanceTypes says so. They show no EBS volume under its id, by
 * which a builder knows the cache volume. Of i3, all but the bare metal. RE2 reads it too.
 */
export const XEN_TYPE =
  /^((c1|c3|c4|cc1|cc2|cg1|cr1|d2|f1|g2|g3|g3s|h1|hi1|hs1|i2|m1|m2|m3|m4|p2|p3|r3|r4|t1|t2|x1|x1e)\.|i3\.[0-9lx])/;

/** Families of AWS's own processors: a generation number and then g, as in m7g; and a1. RE2 reads it too. */
export const ARM64_TYPE = /^([a-z]+[0-9]+g[a-z]*|a1)\./;
/** Common families with processors of Intel or AMD; of others nothing is said. RE2 reads it too. */
export const X86_64_TYPE = /^(t2|t3|t3a|[cmr][3-9](a|i|d|n|ad|dn|id|in|idn|i-flex)?)\./;
/** A type of each architecture that every region offers. */
export const INSTANCE_ADVICE: Record<Architecture, string> = { x86_64: "m7i.large", arm64: "m7g.large" };

/** Parameters of AMIs whose path names an architecture, as those of AWS and Canonical do. RE2 reads it too. */
export const ARCHITECTURE_IN_IMAGE: Record<Architecture, RegExp> = {
  x86_64: /^resolve:.*[/_-](x86_64|amd64)([/_-]|$)/,
  arm64: /^resolve:.*[/_-](arm64|aarch64)([/_-]|$)/,
};

/** What to take instead of such a type. */
export const XEN_ADVICE = "take one of the Nitro system, such as m7i.large";

/** One noun's instance on one architecture. */
export function instance(architecture: Architecture, noun: InstanceNoun) {
  return z.strictObject({
    instance_type: spelled(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "an EC2 instance type such as m7i.large")
      .default(DEFAULT_TYPE[architecture][noun])
      .describe(
        `EC2 instance type of ${noun}s${noun === "builder" ? ", of the Nitro system" : ""}; it must match the architecture.`,
      ),
    image_id: spelled(
      /^(ami-[0-9a-f]{8,17}|resolve:ssm:[A-Za-z0-9_./-]+(:[A-Za-z0-9_.-]+)?)$/,
      "ami-… or resolve:ssm:PARAMETER",
    )
      .default(DEFAULT_IMAGE[architecture])
      .describe(
        `AMI of ${noun}s: resolve:ssm:PARAMETER, resolved at each launch, or, in a deployment of one region, an AMI id. It must ship Docker 20.10 to 29.`,
      ),
    root_device_name: spelled(/^\/dev\/[a-z0-9]+$/, "a device name such as /dev/xvda")
      .default("/dev/xvda")
      .describe("Root device name of the AMI; `/dev/sda1` on Ubuntu."),
    root_volume_size_gib: z
      .int()
      .min(8)
      .max(16384)
      .default(30)
      .describe("Size of the root disk in GiB, at least that of the AMI's snapshot."),
  });
}

/** `caches.<c>.architectures.<a>` */
function instances(architecture: Architecture) {
  return z
    .strictObject({
      builder: instance(architecture, "builder").prefault({}).describe("Builders' instances."),
      worker: instance(architecture, "worker").prefault({}).describe("Workers' instances."),
    })
    .optional()
    .describe(`Build and serve the cache for ${architecture}.`);
}

/** `caches.<c>.architectures` */
export const architectures = z
  .strictObject({ x86_64: instances("x86_64"), arm64: instances("arm64") })
  .refine((given) => given.x86_64 !== undefined || given.arm64 !== undefined, { error: "x86_64, arm64 or both" })
  .prefault({ x86_64: {} })
  .describe("CPU architectures, each with builder, volume, snapshots and worker template of its own.");
