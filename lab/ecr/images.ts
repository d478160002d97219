/** Repositories and images, which are moto's: what its API does not show cannot be pulled. */
import { AwsError } from "../aws/aws-error";
import type { EcrRepository } from "../aws/state";
import { isDigest } from "./call";
import type { Place } from "./caller";
import { incomplete, nameUnknown, RegistryError } from "./registry-error";

/** A manifest as it was pushed. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

/** What a manifest names: layers and configuration of an image, or the images of an index. */
export interface Named {
  readonly blobs: readonly string[];
  readonly manifests: readonly string[];
}

interface Descriptor {
  readonly digest: string;
  /** Layers that are fetched from elsewhere have some. */
  readonly urls?: readonly string[];
}

interface ImageAnswer {
  readonly imageManifest: string;
  readonly imageManifestMediaType?: string;
  readonly imageId: { readonly imageDigest: string };
}

/** The digests that a manifest names. */
export function namedBy(text: string): Named {
  const {
    config,
    layers = [],
    manifests = [],
  } = JSON.parse(text) as Partial<Record<"layers" | "manifests", Descriptor[]>> & {
    config?: Descriptor;
  };
  const own = layers.filter(({ urls = [] }) => urls.length === 0);
  const digests = (list: readonly Descriptor[]) => [...new Set(list.map(({ digest }) => digest))];
  return { blobs: digests([...(config ? [config] : []), ...own]), manifests: digests(manifests) };
}

const moto = <Output>({ aws, region }: Place, action: string, input: object) =>
  aws.moto<Output>({ service: "ecr", action, region }, input);

/** By our own handlers. IAM has been asked already. */
const ecr = ({ aws, region }: Place, action: string, input: object) =>
  aws.call({ service: "ecr", action, region, nested: true }, input);

/** The record of a repository that is there. @throws RegistryError 404 */
export function repositoryOf({ aws, region }: Place, repository: string): EcrRepository {
  const found = aws.state(region).ecrRepositories[repository];
  if (!found) throw nameUnknown(repository, aws.accountId);
  return found;
}

/** True if a repository is there. */
export function hasRepository({ aws, region }: Place, repository: string): boolean {
  return aws.state(region).ecrRepositories[repository] !== undefined;
}

/** The image of a tag or digest; undefined if there is none. */
export async function findImage(
  place: Place,
  repositoryName: string,
  reference: string,
): Promise<Manifest | undefined> {
  const id = isDigest(reference) ? { imageDigest: reference } : { imageTag: reference };
  const { images = [] } = await moto<{ images?: ImageAnswer[] }>(place, "BatchGetImage", {
    repositoryName,
    imageIds: [id],
  });
  const [image] = images;
  if (!image) return undefined;
  const { imageManifest: text, imageManifestMediaType: mediaType = mediaTypeOf(text), imageId } = image;
  return { digest: imageId.imageDigest, mediaType, text };
}

function mediaTypeOf(text: string): string {
  return String((JSON.parse(text) as { mediaType?: string }).mediaType);
}

/** Tags of a repository, sorted. */
export async function tagsOf(place: Place, repositoryName: string): Promise<string[]> {
  type Answer = { imageIds?: { imageTag?: string }[] };
  const { imageIds = [] } = await moto<Answer>(place, "ListImages", { repositoryName });
  return imageIds.flatMap(({ imageTag }) => imageTag ?? []).sort();
}

/** True if a layer can be had: an image has it, or it was uploaded for one that is still to come. What is deleted takes its layers along. */
export async function isAvailable(place: Place, repository: string, digest: string): Promise<boolean> {
  return (await missingLayers(place, repository, [digest])).length === 0;
}

/** Those of these layers that cannot be had. */
export async function missingLayers(place: Place, repository: string, digests: readonly string[]): Promise<string[]> {
  const { uploaded } = repositoryOf(place, repository);
  const wanted = digests.filter((digest) => !uploaded.has(digest));
  if (wanted.length === 0) return [];
  const known = await layersOf(place, repository);
  return wanted.filter((digest) => !known.has(digest));
}

/** Every layer and configuration that an image of the repository has. */
async function layersOf(place: Place, repositoryName: string): Promise<Set<string>> {
  type Answer = { imageIds?: { imageDigest: string }[] };
  const { imageIds = [] } = await moto<Answer>(place, "ListImages", { repositoryName });
  const digests = [...new Set(imageIds.map(({ imageDigest }) => imageDigest))];
  if (digests.length === 0) return new Set();
  const input = { repositoryName, imageIds: digests.map((imageDigest) => ({ imageDigest })) };
  const { images = [] } = await moto<{ images?: ImageAnswer[] }>(place, "BatchGetImage", input);
  return new Set(images.flatMap(({ imageManifest }) => namedBy(imageManifest).blobs));
}

/** Fails unless the repository holds all that a manifest names. @throws RegistryError 400 */
export async function checkComplete(place: Place, repository: string, { blobs, manifests }: Named): Promise<void> {
  const [missing] = await missingLayers(place, repository, blobs);
  if (missing) throw incomplete(missing);
  for (const digest of manifests) if (!(await findImage(place, repository, digest))) throw incomplete(digest);
}

/**
 * Makes an image of a manifest that is complete; the same image under the same tag again changes nothing.
 *
 * @throws RegistryError 400 if the tag cannot be put again, or the manifest is none that ECR's API takes
 */
export async function putImage(
  place: Place,
  repositoryName: string,
  { digest, mediaType, text }: Manifest,
  tag: string | undefined,
): Promise<void> {
  const { uploaded } = repositoryOf(place, repositoryName);
  const image = { imageManifest: text, imageManifestMediaType: mediaType, imageDigest: digest };
  await ecr(place, "PutImage", { repositoryName, imageTag: tag, ...image }).catch((error: unknown) => {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === "ImageAlreadyExistsException") return;
    if (error.code === "ImageTagAlreadyExistsException") throw new RegistryError(400, "TAG_INVALID", error.message);
    throw error.status < 500 ? new RegistryError(400, "MANIFEST_INVALID", error.message) : error;
  });
  for (const blob of namedBy(text).blobs) uploaded.delete(blob);
}
