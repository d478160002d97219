import { randomBytes } from "node:crypto";
import type { Lab } from "../../lab/machine/lab";
import { bootMachine, type Machine, type MachineSpec } from "../../lab/machine/machine";

/** A new id, such as `vol-0123456789abcdef0`. */
export function newId(prefix: "i" | "vol" | "snap"): string {
  return `${prefix}-0${randomBytes(8).toString("hex")}`;
}

/** Metadata that every machine of these tests gets. */
export const metadata: MachineSpec["metadata"] = {
  imageId: "ami-0123456789abcdef0",
  instanceType: "t3.micro",
  architecture: "x86_64",
  accountId: "123456789012",
  region: "eu-west-1",
  availabilityZone: "eu-west-1a",
};

/** Boots a machine: trixie without the AWS CLI, unless told otherwise. */
export function boot(lab: Lab, spec: Partial<MachineSpec> = {}): Promise<Machine> {
  return bootMachine(lab, { id: newId("i"), image: "trixie", rootVolumeId: newId("vol"), metadata, ...spec });
}

/** User data that puts Docker's data-root on the first volume beside the root disk, and runs a container there. */
export const dockerOnVolume = `#!/bin/bash
set -o errexit -o nounset -o pipefail -o xtrace
systemctl stop docker.socket docker.service
mkfs.xfs -q -L cache /dev/nvme1n1
mkdir --parents /mnt/cache
mount /dev/nvme1n1 /mnt/cache
echo '{"data-root": "/mnt/cache/docker", "storage-driver": "overlay2"}' >/etc/docker/daemon.json
systemctl start docker.service
tar --directory=/ --create --dereference usr/bin/echo lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6 | docker import - tiny
docker run --rm --network none tiny /usr/bin/echo "said in a container"
docker run --rm tiny /usr/bin/echo "said on a bridge"
`;
