/** Carries out the life-cycle policies of ECR's repositories, when told that time has passed. AWS takes up to a day; here all that is due is gone at once. */
import { AwsError } from "../../aws-error";
import type { Aws, Call, Handlers } from "../../handler";
import { repositoryNotFound } from "./images";
import { type Candidate, expired, readPolicy } from "./lifecycle-rules";

/** An image that has expired. */
export interface ExpiredImage {
  readonly region: string;
  readonly repositoryName: string;
  readonly digest: string;
  readonly tags: readonly string[];
}

/** By the model of BatchDeleteImage. */
const IMAGES_PER_CALL = 100;

/**
 * Expires what is due, in every repository of every region. An image that an index names stays until a round after the index is gone.
 *
 * @throws Error if a policy has what is not carried out here
 */
export async function runDueImageLifecycles(aws: Aws): Promise<ExpiredImage[]> {
  const gone: ExpiredImage[] = [];
  for (const region of aws.regions())
    for (const repositoryName of Object.keys(aws.state(region).ecrRepositories))
      gone.push(...(await runPolicy(aws, region, repositoryName)));
  return gone;
}

async function runPolicy(aws: Aws, region: string, repositoryName: string): Promise<ExpiredImage[]> {
  const ecr = <Output>(action: string, input: object) =>
    aws.call<Output>({ service: "ecr", action, region, nested: true }, { repositoryName, ...input });
  const answer = await ecr<{ lifecyclePolicyText: string }>("GetLifecyclePolicy", {}).catch(noPolicy);
  if (answer === undefined) return [];
  type Detail = { imageDigest: string; imageTags?: string[]; imagePushedAt: Date };
  const { imageDetails = [] } = await ecr<{ imageDetails?: Detail[] }>("DescribeImages", {});
  const images = imageDetails.map(
    ({ imageDigest, imageTags = [], imagePushedAt }): Candidate => ({
      digest: imageDigest,
      tags: imageTags,
      pushedAt: new Date(imagePushedAt),
    }),
  );
  const due = expired(readPolicy(answer.lifecyclePolicyText), images, aws.now());
  const gone = new Set<string>();
  for (let from = 0; from < due.length; from += IMAGES_PER_CALL) {
    const imageIds = due.slice(from, from + IMAGES_PER_CALL).map(({ digest }) => ({ imageDigest: digest }));
    const deleted = await ecr<{ imageIds?: { imageDigest: string }[] }>("BatchDeleteImage", { imageIds });
    for (const { imageDigest } of deleted.imageIds ?? []) gone.add(imageDigest);
  }
  return due
    .filter(({ digest }) => gone.has(digest))
    .map(({ digest, tags }) => ({ region, repositoryName, digest, tags }));
}

function noPolicy(error: unknown): undefined {
  if (error instanceof AwsError && error.code === "LifecyclePolicyNotFoundException") return undefined;
  throw error;
}

interface Put {
  readonly repositoryName: string;
  readonly lifecyclePolicyText: string;
}

/** moto looks at one rule at a time, and hardly at how its members go together. */
async function putLifecyclePolicy(input: Put, call: Call): Promise<object> {
  if (!call.state.ecrRepositories[input.repositoryName]) throw repositoryNotFound(input.repositoryName, call);
  try {
    readPolicy(input.lifecyclePolicyText);
  } catch (error) {
    const words = `Lifecycle policy validation failure: ${(error as Error).message}`;
    throw new AwsError(
      "InvalidParameterException",
      `Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: '${words}'`,
    );
  }
  return call.forward<object>(input);
}

/** The handlers of this file. */
export const imageLifecycleHandlers: Handlers = { "ecr:PutLifecyclePolicy": putLifecyclePolicy };
