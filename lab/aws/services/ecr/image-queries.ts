/** Questions after ECR's images, for what moto gets wrong: filters, pages, and which tag or digest an answer is to. */
import type { Call, Handlers } from "../../handler";
import { pageOf } from "../ec2/lists";
import { type Filter, filtering } from "./image-filter";
import { find, repositoryNotFound } from "./images";

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

interface List {
  readonly repositoryName: string;
  readonly filter?: Filter;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

const PER_PAGE = [1, 1000];

/** moto looks at neither filter nor page. */
async function listImages({ repositoryName, filter, maxResults, nextToken }: List, call: Call): Promise<object> {
  const passes = filtering(filter);
  const { imageIds = [] } = await call.forward<{ imageIds?: ImageId[] }>({ repositoryName });
  const passing = imageIds.filter(({ imageTag }) => passes(imageTag !== undefined));
  const { page, NextToken } = pageOf(passing, { MaxResults: maxResults, NextToken: nextToken }, PER_PAGE);
  return { imageIds: page, nextToken: NextToken };
}

interface Batch {
  readonly repositoryName: string;
  readonly imageIds: readonly ImageId[];
  readonly acceptedMediaTypes?: readonly string[];
}

/**
 * moto answers with whatever tag an image has, takes a digest that goes with another tag, and does not say which digests it lacks. What ECR answers
 * of an image whose media type is not accepted is not documented.
 *
 * @throws Error if a media type is not accepted
 */
async function batchGetImage({ repositoryName, imageIds, acceptedMediaTypes }: Batch, call: Call): Promise<object> {
  if (!call.state.ecrRepositories[repositoryName]) throw repositoryNotFound(repositoryName, call);
  const images: object[] = [];
  const failures: object[] = [];
  for (const imageId of imageIds) {
    const failure = await failureOf(call, repositoryName, imageId);
    if (failure) {
      failures.push({ imageId, ...failure });
      continue;
    }
    const { imageDigest, imageTag } = imageId;
    const image = await find(call, repositoryName, imageTag === undefined ? { imageDigest } : { imageTag });
    const type = image?.imageManifestMediaType ?? "";
    if (acceptedMediaTypes && !acceptedMediaTypes.includes(type))
      throw new Error(`${type} is not accepted: not emulated`);
    images.push({ ...image, imageId: imageTag === undefined ? image?.imageId : { ...image?.imageId, imageTag } });
  }
  return { images, failures };
}

/** Why there is no image to an id; undefined if there is one. */
async function failureOf(call: Call, repositoryName: string, { imageDigest, imageTag }: ImageId) {
  if (imageDigest === undefined && imageTag === undefined) {
    const failureReason = "Invalid request parameters: both tag and digest cannot be null";
    return { failureCode: "MissingDigestAndTag", failureReason };
  }
  const given = [imageDigest && { imageDigest }, imageTag && { imageTag }].filter(
    (id) => id !== undefined && id !== "",
  );
  const found = await Promise.all(given.map((id) => find(call, repositoryName, id as object)));
  if (found.some((image) => image === undefined))
    return { failureCode: "ImageNotFound", failureReason: "Requested image not found" };
  if (new Set(found.map((image) => image?.imageId.imageDigest)).size === 1) return undefined;
  return { failureCode: "ImageTagDoesNotMatchDigest", failureReason: "Image tag and digest do not match" };
}

/** The handlers of this file. */
export const imageQueryHandlers: Handlers = {
  "ecr:BatchGetImage": batchGetImage,
  "ecr:ListImages": listImages,
};
