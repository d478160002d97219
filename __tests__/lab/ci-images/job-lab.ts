/** ECR and machines that run jobs against it, each job in the name of a role. */
import { assumeRole } from "../../../lab/aws/services/assume-role";
import type { Lab } from "../../../lab/machine/lab";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { type JobRequests, watchRequests } from "../../../lab/product/job-requests";
import { type Credentials, installPlugin } from "../../../lab/product/plugin-job";
import type { Generation } from "../../level";
import { type EcrLab, ecrApi, makeRole, REGION, startEcrLab } from "../ecr/ecr-lab";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { writeSmallImage } from "../registry/small-image";

/** An engine of Docker's and the store that it keeps images in. */
export interface Engine {
  readonly generation: Generation;
  readonly store: "overlay2" | "containerd";
}

/** Every engine of the lab with every store that it has: Docker 20.10 has one. */
export const ENGINES: readonly Engine[] = [
  { generation: "trixie", store: "overlay2" },
  { generation: "trixie", store: "containerd" },
  { generation: "bookworm", store: "overlay2" },
  { generation: "forky", store: "overlay2" },
  { generation: "forky", store: "containerd" },
];

/** The image that every Dockerfile here is based on; it has a shell. */
export const BASE = "registry.lab/acme/base:1";

/** The lab of jobs. */
export interface JobLab {
  readonly lab: EcrLab;
  readonly requests: JobRequests;
}

/** Starts it, with the base image. */
export async function startJobLab(): Promise<JobLab> {
  const lab = await startEcrLab();
  await writeSmallImage(lab.registry.storage, { name: "acme/base", seed: "base", payloadBytes: 1 << 16 });
  return { lab, requests: watchRequests(lab.aws, lab.ecr) };
}

/** What was asked of ECR's registry, by kind: `GET manifest`, `HEAD layer`; questions whether it is there are left out. */
export function asked({ registry }: JobRequests): string[] {
  const kinds = registry.flatMap(({ method, path, host }) => {
    if (/^\/v2\/?$/.test(path)) return [];
    if (path.includes("/manifests/")) return [`${method} manifest`];
    return [host.includes(".dkr.") ? `${method} ${path.includes("/uploads") ? "upload" : "layer"}` : "GET bytes"];
  });
  return [...new Set(kinds)].sort();
}

/** Makes a role that may do what the statements say. */
export async function credentialsOf(
  { lab }: JobLab,
  name: string,
  statements: readonly object[],
): Promise<Credentials> {
  const roleArn = await makeRole(lab, name, [...statements]);
  const given = await assumeRole(lab.aws.aws, REGION, { roleArn, service: "ec2" });
  return {
    AWS_ACCESS_KEY_ID: given.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: given.SecretAccessKey,
    AWS_SESSION_TOKEN: given.SessionToken,
  };
}

/** Boots a machine with Docker, jq, the AWS CLI and the plugin. */
export async function bootAgent(lab: Lab, { generation, store }: Engine): Promise<Machine> {
  const machine = await boot(lab, { image: `${generation}-aws` });
  await waitForBoot(machine);
  if (store === "containerd") {
    const settings = JSON.stringify({ features: { "containerd-snapshotter": true } });
    await shellIn(machine, `echo '${settings}' >/etc/docker/daemon.json && systemctl restart docker.service`);
  }
  await installPlugin(machine);
  return machine;
}

/** Tags and digests of a repository's images. */
export async function imagesIn({ lab }: JobLab, repositoryName: string): Promise<Map<string, string>> {
  type Answer = { imageIds?: { imageTag?: string; imageDigest: string }[] };
  const { imageIds = [] } = await ecrApi<Answer>(lab, "ListImages", { repositoryName });
  // Containerd's store pushes an index; what it names has no tag.
  return new Map(imageIds.flatMap(({ imageTag, imageDigest }) => (imageTag ? [[imageTag, imageDigest]] : [])));
}
