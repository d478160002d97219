/** Deployments with CI images, from configurations as people write them. */
import type { EmulatedAws } from "../../../lab/aws/server/start";
import type { Deployment } from "../../../lib/config/cell";
import { parseConfig } from "../../../lib/config/load";
import { resolveConfig } from "../../../lib/config/resolve-config";

export const REGION = "eu-west-1";
export const ACCOUNT = "123456789012";
export const REGISTRY = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
export const STACK = `docker-cache-ci-images-${REGION}`;
export const BUILDER_STACK = `docker-cache-builder-${REGION}`;

export interface Sections {
  /** @default - none */
  readonly ci_images?: object;
  /** Of the region. @default - nothing */
  readonly region?: object;
  /** Of the cache `ci`, beside one image. @default - nothing */
  readonly cache?: object;
  /** The whole file's. @default - none */
  readonly tags?: object;
}

/** A deployment of one region and one cache. @throws if the configuration is refused */
export function deploymentWith({ ci_images, region = {}, cache, tags = {} }: Sections): Deployment {
  const config = {
    tags,
    regions: { [REGION]: region },
    caches: { ci: { images: ["python:3.12-slim"], ...cache } },
    ...(ci_images && { ci_images }),
  };
  // JSON is YAML.
  const parsed = parseConfig(JSON.stringify(config), "docker-cache.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolveConfig(parsed.config);
}

/** The same without the cache: there is the stack of CI images alone. */
export function ciImagesAlone(sections: Sections): Deployment {
  const whole = deploymentWith(sections);
  return { ...whole, regions: whole.regions.map((region) => ({ ...region, cells: [] })) };
}

/** A manifest without layers. @param digit of its config's digest, which tells it from others */
export function manifest(digit: string): string {
  const config = {
    mediaType: "application/vnd.docker.container.image.v1+json",
    size: 2,
    digest: `sha256:${digit.repeat(64)}`,
  };
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
  return JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] });
}

/** Puts an image into a repository, as a job's push does. */
export async function push({ aws }: EmulatedAws, repositoryName: string, imageTag: string, region = REGION) {
  const input = { repositoryName, imageTag, imageManifest: manifest("1") };
  await aws.call({ service: "ecr", action: "PutImage", region }, input);
}
