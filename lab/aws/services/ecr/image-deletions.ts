/** Deletions of ECR's images: what an index names stays as long as the index. */
import type { Call, Handlers } from "../../handler";
import { find } from "./images";

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

interface Deletion {
  readonly repositoryName: string;
  readonly imageIds: readonly ImageId[];
}

/**
 * moto deletes images that an index still names. AWS refuses it, by their last tag, too (aws/containers-roadmap#1567). Whether it takes an image along
 * with its index in one call is not documented: here it does not. Nor does moto say that it has deleted an image without tags.
 */
async function deleteImages(input: Deletion, call: Call): Promise<object> {
  const { repositoryName, imageIds } = input;
  if (!call.state.ecrRepositories[repositoryName]) return call.forward<object>(input);
  const indexes = await indexesOf(call, repositoryName);
  const failures: object[] = [];
  const rest: ImageId[] = [];
  for (const imageId of imageIds) {
    const digest = await doomed(call, repositoryName, imageId);
    const by = indexes.filter(({ names }) => digest !== undefined && names.includes(digest)).map((one) => one.digest);
    const failureReason = `Requested image referenced by manifest list: [${by.join(", ")}]`;
    if (by.length === 0) rest.push(imageId);
    else failures.push({ imageId, failureCode: "ImageReferencedByManifestList", failureReason });
  }
  if (rest.length === 0 && failures.length > 0) return { imageIds: [], failures };
  const untagged = await ids(call, repositoryName, ({ imageTag }) => imageTag === undefined);
  const named = untagged.filter(({ imageDigest }) => rest.some((id) => id.imageDigest === imageDigest));
  const answer = await call.forward<{ imageIds?: object[]; failures?: object[] }>({ ...input, imageIds: rest });
  return {
    ...answer,
    imageIds: [...(answer.imageIds ?? []), ...named],
    failures: [...failures, ...(answer.failures ?? [])],
  };
}

/** The digest of the image that is gone after a deletion; undefined if there is none, or if other tags keep it. */
async function doomed(call: Call, repositoryName: string, { imageDigest, imageTag }: ImageId) {
  if (imageTag === undefined) return imageDigest;
  const [image] = await ids(call, repositoryName, (id) => id.imageTag === imageTag);
  const tags = await ids(call, repositoryName, (id) => id.imageDigest === image?.imageDigest);
  return imageDigest !== undefined || tags.length === 1 ? image?.imageDigest : undefined;
}

async function ids(call: Call, repositoryName: string, wanted: (id: ImageId) => boolean): Promise<ImageId[]> {
  const target = { ...call, action: "ListImages" };
  const { imageIds = [] } = await call.aws.moto<{ imageIds?: ImageId[] }>(target, { repositoryName });
  return imageIds.filter(wanted);
}

/** Digests of a repository's indexes, each with those of the images that it names. */
async function indexesOf(call: Call, repositoryName: string) {
  const digests = new Set((await ids(call, repositoryName, () => true)).map(({ imageDigest }) => imageDigest));
  const images = await Promise.all([...digests].map((imageDigest) => find(call, repositoryName, { imageDigest })));
  return images.flatMap((image) => {
    const { manifests } = JSON.parse(image?.imageManifest ?? "{}") as { manifests?: { digest: string }[] };
    return image && manifests
      ? [{ digest: image.imageId.imageDigest, names: manifests.map(({ digest }) => digest) }]
      : [];
  });
}

/** The handlers of this file. */
export const imageDeletionHandlers: Handlers = { "ecr:BatchDeleteImage": deleteImages };
