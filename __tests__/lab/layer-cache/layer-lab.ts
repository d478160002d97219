/** An entry's bucket and repositories, and machines that build with them, each build in the name of a role. */
import type { S3Faults, S3Seen } from "../../../lab/aws/server/s3-faults";
import type { Lab } from "../../../lab/machine/lab";
import type { Machine } from "../../../lab/machine/machine";
import { type BuildxJob, forgetBuilder } from "../../../lab/product/buildx-job";
import type { Credentials } from "../../../lab/product/plugin-job";
import { credentialsOf, type JobLab, startJobLab } from "../ci-images/job-lab";
import { api, ecrApi, REGION } from "../ecr/ecr-lab";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { type Backend, BUCKET, bucketPolicy, ENTRY, policyOf, REPOSITORIES, ROLES, type Role } from "./emitted";

/** Generations of Docker that have buildx. */
export const GENERATIONS = ["trixie", "forky"] as const;
export const BACKENDS: readonly Backend[] = ["s3", "ecr"];

/** The lab of layers. */
export interface LayerLab {
  readonly jobs: JobLab;
  /** Requests to S3 since they were last forgotten. */
  readonly s3: S3Seen[];
  /** May be set: what goes wrong with requests to S3. */
  faults: S3Faults;
}

/** Starts it, with empty places for layers. */
export async function startLayerLab(): Promise<LayerLab> {
  const jobs = await startJobLab();
  const layers: LayerLab = { jobs, s3: [], faults: () => undefined };
  jobs.lab.aws.s3.faults = (request) => {
    layers.s3.push(request);
    return layers.faults(request);
  };
  await makeBucket(layers);
  for (const repositoryName of Object.values(REPOSITORIES))
    await ecrApi(jobs.lab, "CreateRepository", { repositoryName });
  return layers;
}

/** Makes the entry's bucket, with its own policy. */
export async function makeBucket({ jobs }: LayerLab): Promise<void> {
  const s3 = (action: string, input: object) => api(jobs.lab, "s3", action, { Bucket: BUCKET, ...input });
  await s3("CreateBucket", { CreateBucketConfiguration: { LocationConstraint: REGION } });
  await s3("PutBucketPolicy", { Policy: bucketPolicy() });
}

/** Credentials of each role with a backend's policies. */
export async function rolesOf({ jobs }: LayerLab, backend: Backend): Promise<Readonly<Record<Role, Credentials>>> {
  const made = ROLES.map(async (role) => [
    role,
    await credentialsOf(jobs, `${backend}-${role.replace("_", "-")}`, policyOf(backend, role)),
  ]);
  return Object.fromEntries(await Promise.all(made));
}

/** Settings of the entry, as its script has them. */
export function settingsOf(backend: Backend): BuildxJob["settings"] {
  return {
    job_set_entry: ENTRY,
    job_set_region: REGION,
    job_set_backend: backend,
    job_set_protected: "main\nrelease/*",
    job_set_builder: "docker-cache",
    job_set_image: "moby/buildkit:buildx-stable-1",
    job_set_keep_gib: "20",
  };
}

/** Boots a machine with Docker, buildx, jq and the AWS CLI. */
export async function bootBuilder(lab: Lab, generation: (typeof GENERATIONS)[number]): Promise<Machine> {
  const machine = await boot(lab, { image: `${generation}-aws` });
  await waitForBoot(machine);
  return machine;
}

/** The same machine, to BuildKit a new one. */
export async function anew(machine: Machine): Promise<Machine> {
  await forgetBuilder(machine);
  return machine;
}

/** Keys of the bucket. */
export async function keysIn({ jobs }: LayerLab): Promise<string[]> {
  type Page = { Contents?: { Key: string }[] };
  const { Contents = [] } = await api<Page>(jobs.lab, "s3", "ListObjectsV2", { Bucket: BUCKET });
  return Contents.map(({ Key }) => Key);
}

/** Layers that a manifest of the bucket names, in the order in which they were made: the last is that of the last RUN. */
export async function layersOf({ jobs }: LayerLab, Key: string): Promise<string[]> {
  type Layer = { blob: string; annotations: { createdAt: string } };
  const { Body } = await api<{ Body: Uint8Array }>(jobs.lab, "s3", "GetObject", { Bucket: BUCKET, Key });
  const { layers } = JSON.parse(Buffer.from(Body).toString()) as { layers: Layer[] };
  const age = ({ annotations }: Layer) => new Date(annotations.createdAt).getTime();
  return layers.sort((a, b) => age(a) - age(b)).map(({ blob }) => blob);
}
