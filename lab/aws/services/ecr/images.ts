/** ECR's images, for what moto gets wrong: their digests, their sizes, and what becomes of an image whose tag moves to another. */
import { createHash } from "node:crypto";
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import { type Filter, filtering } from "./image-filter";

interface PutImage {
  readonly repositoryName: string;
  readonly imageManifest: string;
  readonly imageManifestMediaType?: string;
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

interface Image {
  readonly imageManifest: string;
  readonly imageManifestMediaType?: string;
  readonly imageId: { readonly imageDigest: string };
}

/** The last put of each repository, by its record: two at once would lose an image between moto's calls. */
const turns = new WeakMap<object, Promise<unknown>>();

async function putImage(input: PutImage, call: Call): Promise<object> {
  const record = call.state.ecrRepositories[input.repositoryName];
  if (!record) throw repositoryNotFound(input.repositoryName, call);
  if (!isObject(input.imageManifest))
    throw new AwsError("InvalidParameterException", "Invalid parameter at 'ImageManifest': Invalid JSON syntax");
  const turn = (turns.get(record) ?? Promise.resolve()).then(() => putInTurn(input, call));
  turns.set(
    record,
    turn.catch(() => undefined),
  );
  return turn;
}

/**
 * moto makes up a digest if none is given, and deletes an image that loses its last tag to another; on AWS it stays, untagged. An immutable tag is not
 * even put to its own image again (aws/containers-roadmap#2179).
 */
async function putInTurn(input: PutImage, call: Call): Promise<object> {
  const { repositoryName, imageTag } = input;
  const imageDigest = `sha256:${createHash("sha256").update(input.imageManifest).digest("hex")}`;
  if ((input.imageDigest ?? imageDigest) !== imageDigest)
    throw new AwsError("ImageDigestDoesNotMatchException", `The manifest's digest is ${imageDigest}`);
  const former = await find(call, repositoryName, imageTag === undefined ? { imageDigest } : { imageTag });
  if (former) await checkMovable(call, repositoryName, imageTag);
  if (former?.imageId.imageDigest === imageDigest) {
    const words = `Image with digest '${imageDigest}' and tag '${imageTag}' already exists in the repository '${repositoryName}'`;
    throw new AwsError("ImageAlreadyExistsException", words);
  }
  const isNew = (await find(call, repositoryName, { imageDigest })) === undefined;
  const answer = await call.forward<object>({ ...input, imageDigest });
  if (isNew) call.state.ecrRepositories[repositoryName]?.pushedAt.set(imageDigest, call.aws.now());
  const { imageManifest, imageManifestMediaType, imageId } = former ?? {};
  const untagged = { imageDigest: imageId?.imageDigest };
  if (former && !(await find(call, repositoryName, untagged)))
    await call.forward({ repositoryName, imageManifest, imageManifestMediaType, ...untagged });
  return answer;
}

interface Mutability {
  readonly imageTagMutability?: string;
  readonly imageTagMutabilityExclusionFilters?: readonly { readonly filter: string }[];
}

/** @throws AwsError if a tag that is there may not be put again */
async function checkMovable(call: Call, repositoryName: string, tag: string | undefined): Promise<void> {
  if (tag === undefined) return;
  const target = { ...call, action: "DescribeRepositories" };
  const input = { repositoryNames: [repositoryName] };
  const { repositories: [found] = [] } = await call.aws.moto<{ repositories?: Mutability[] }>(target, input);
  if (!found || isMovable(found, tag)) return;
  const words = `The image tag '${tag}' already exists in the '${repositoryName}' repository and cannot be overwritten because the tag is immutable.`;
  throw new AwsError("ImageTagAlreadyExistsException", words);
}

/** True if a repository lets a tag move. Exclusions are tags that it treats the other way; `*` in them is any text. */
export function isMovable(repository: Mutability, tag: string): boolean {
  const { imageTagMutability = "MUTABLE", imageTagMutabilityExclusionFilters = [] } = repository;
  const excluded = imageTagMutabilityExclusionFilters.some(({ filter }) =>
    new RegExp(`^${filter.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(tag),
  );
  return imageTagMutability.startsWith("MUTABLE") !== excluded;
}

/** The image of a tag or digest, in a repository that may be missing: then moto says so when the image is put. */
export async function find(call: Call, repositoryName: string, id: object): Promise<Image | undefined> {
  if (!call.state.ecrRepositories[repositoryName]) return undefined;
  const input = { repositoryName, imageIds: [id] };
  return (await call.aws.moto<{ images?: Image[] }>({ ...call, action: "BatchGetImage" }, input)).images?.[0];
}

/** The error of a repository that is not there. */
export function repositoryNotFound(name: string, { aws }: Call): AwsError {
  const words = `The repository with name '${name}' does not exist in the registry with id '${aws.accountId}'`;
  return new AwsError("RepositoryNotFoundException", words);
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

interface Detail {
  readonly imageDigest: string;
  readonly imageTags?: readonly string[];
}

interface Description {
  readonly repositoryName: string;
  readonly filter?: Filter;
}

/** moto takes the configuration's size for the image's, looks at no filter, and pushes an image anew that has lost its last tag. */
async function describeImages(input: Description, call: Call): Promise<object> {
  const passes = filtering(input.filter);
  const answer = await call.forward<{ imageDetails?: Detail[] }>(input);
  const imageDetails = [];
  for (const detail of answer.imageDetails ?? []) {
    if (!passes(detail.imageTags !== undefined)) continue;
    const imageSizeInBytes = await sizeOf(call, input.repositoryName, detail.imageDigest);
    const imagePushedAt = call.state.ecrRepositories[input.repositoryName]?.pushedAt.get(detail.imageDigest);
    imageDetails.push({ ...detail, imageSizeInBytes, imagePushedAt });
  }
  return { ...answer, imageDetails };
}

/**
 * Bytes of an image's layers, as they travel; of an index the most that an image has of those that it names (API reference, `imageSizeInBytes`).
 * undefined if it names none that is there: what AWS says then is not known.
 */
async function sizeOf(call: Call, repositoryName: string, imageDigest: string): Promise<number | undefined> {
  const image = await find(call, repositoryName, { imageDigest });
  if (!image) return undefined;
  type Manifest = { layers?: { size: number }[]; manifests?: { digest: string }[] };
  const { layers, manifests = [] } = JSON.parse(image.imageManifest) as Manifest;
  if (layers) return layers.reduce((sum, { size }) => sum + size, 0);
  const named = await Promise.all(manifests.map(({ digest }) => sizeOf(call, repositoryName, digest)));
  const known = named.filter((size) => size !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** The handlers of this file. */
export const imageHandlers: Handlers = {
  "ecr:DescribeImages": describeImages,
  "ecr:PutImage": putImage,
};
