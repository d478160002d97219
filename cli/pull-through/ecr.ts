/** Calls of ECR's API, one region each: the one file of this folder that knows the SDK. */
import {
  DeleteRepositoryCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  type ImageDetail,
  ListTagsForResourceCommand,
  type PullThroughCacheRule,
  paginateDescribeImages,
  paginateDescribePullThroughCacheRules,
  paginateDescribeRepositories,
  paginateDescribeRepositoryCreationTemplates,
  type RepositoryCreationTemplate,
  ValidatePullThroughCacheRuleCommand,
} from "@aws-sdk/client-ecr";
import { limitClient } from "../limit";
import { limit, onceEach } from "../region-ports";

export type { PullThroughCacheRule, RepositoryCreationTemplate } from "@aws-sdk/client-ecr";

/** A repository of the account. */
export interface Repository {
  readonly name: string;
  readonly arn: string;
}

/** An image of a repository, tagged or not; an index counts beside the images that it names. */
export interface StoredImage {
  readonly digest: string;
  /** An index names images and has no layers of its own. */
  readonly isIndex: boolean;
  /** Compressed bytes of its layers; 0 of an index, though ECR says the most of what that names (API reference, `imageSizeInBytes`). */
  readonly bytes: number;
  readonly pushedAt: Date | null;
}

/** What a rule is worth, in ECR's own words. */
export interface Validation {
  readonly isValid: boolean;
  readonly failure: string | null;
}

/** A login to the registry, by the caller's own credentials. */
export interface Login {
  /** e.g. `https://123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
  readonly registryUrl: string;
  /** Value of the header `Authorization`. */
  readonly authorization: string;
}

/** ECR in one region. What is gone between two calls is null, and no error. */
export interface EcrPorts {
  readonly region: string;
  listRepositories(): Promise<Repository[]>;
  tagsOf(repository: Repository): Promise<Readonly<Record<string, string>> | null>;
  imagesOf(repositoryName: string): Promise<StoredImage[] | null>;
  /** Deletes a repository with its images. @returns false if it was gone already */
  deleteRepository(repositoryName: string): Promise<boolean>;
  listRules(): Promise<PullThroughCacheRule[]>;
  /** ECR logs in to the upstream registry. @returns null if there is no such rule */
  validateRule(prefix: string): Promise<Validation | null>;
  listTemplates(): Promise<RepositoryCreationTemplate[]>;
  logIn(): Promise<Login>;
}

/** Attempts of a call: one look makes some calls for each repository, and ECR throttles them. */
const ATTEMPTS = 8;

async function unlessGone<Result>(call: Promise<Result>): Promise<Result | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && /^(Repository|PullThroughCacheRule)NotFoundException$/.test(error.name)) return null;
    throw error;
  }
}

async function allOf<Page, Item>(pages: AsyncIterable<Page>, itemsOf: (page: Page) => Item[] | undefined) {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
}

/** Media types of an index: OCI's and Docker's. */
const INDEX = /[.](index|list)[.]v[0-9]+[+]json$/;

function storedImage({ imageDigest = "", imageManifestMediaType = "", ...one }: ImageDetail): StoredImage {
  const isIndex = INDEX.test(imageManifestMediaType);
  const bytes = isIndex ? 0 : (one.imageSizeInBytes ?? 0);
  return { digest: imageDigest, isIndex, bytes, pushedAt: one.imagePushedAt ?? null };
}

function reading(client: ECRClient): Pick<EcrPorts, "listRepositories" | "tagsOf" | "imagesOf"> {
  return {
    async listRepositories() {
      const found = await allOf(paginateDescribeRepositories({ client }, {}), (page) => page.repositories);
      return found
        .map((one) => ({ name: one.repositoryName ?? "", arn: one.repositoryArn ?? "" }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async tagsOf({ arn }) {
      const answer = await unlessGone(client.send(new ListTagsForResourceCommand({ resourceArn: arn })));
      return answer && Object.fromEntries((answer.tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
    },
    async imagesOf(repositoryName) {
      const pages = paginateDescribeImages({ client }, { repositoryName });
      const found = await unlessGone(allOf(pages, (page) => page.imageDetails));
      return found?.map(storedImage) ?? null;
    },
  };
}

/** ECR in a region. */
export const ecrOf: (region: string) => EcrPorts = onceEach((region) => {
  const client = limitClient(new ECRClient({ region, maxAttempts: ATTEMPTS }), limit);
  return {
    region,
    ...reading(client),
    async deleteRepository(repositoryName) {
      return (await unlessGone(client.send(new DeleteRepositoryCommand({ repositoryName, force: true })))) !== null;
    },
    listRules: () => allOf(paginateDescribePullThroughCacheRules({ client }, {}), (page) => page.pullThroughCacheRules),
    async validateRule(prefix) {
      const input = { ecrRepositoryPrefix: prefix };
      const answer = await unlessGone(client.send(new ValidatePullThroughCacheRuleCommand(input)));
      return answer && { isValid: answer.isValid ?? false, failure: answer.failure ?? null };
    },
    listTemplates: () =>
      allOf(paginateDescribeRepositoryCreationTemplates({ client }, {}), (page) => page.repositoryCreationTemplates),
    async logIn() {
      const { authorizationData: [login] = [] } = await client.send(new GetAuthorizationTokenCommand({}));
      return {
        registryUrl: login?.proxyEndpoint ?? "",
        authorization: `Basic ${login?.authorizationToken ?? ""}`,
      };
    },
  };
});
