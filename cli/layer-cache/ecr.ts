/** What a repository of layers is, read by ECR's API: the one file of this folder that knows its SDK. Nothing is written. */
import { DescribeRepositoriesCommand, ECRClient, GetLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { limitClient } from "../limit";
import { limit, onceEach } from "../region-ports";

/** A repository as its reader finds it. */
export type RepositoryFacts =
  | { readonly state: "missing" }
  | { readonly state: "refused" }
  | {
      readonly state: "here";
      /** ECR's word for whether tags can move. */
      readonly mutability: string;
      /** Text of its life cycle, JSON; null: it has none; undefined: it may not be read. */
      readonly lifeCycle: string | null | undefined;
    };

const ATTEMPTS = 5;
const ecrOf = onceEach((region) => limitClient(new ECRClient({ region, maxAttempts: ATTEMPTS }), limit));

const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;

async function lifeCycleOf(client: ECRClient, repositoryName: string): Promise<string | null | undefined> {
  try {
    const { lifecyclePolicyText } = await client.send(new GetLifecyclePolicyCommand({ repositoryName }));
    return lifecyclePolicyText ?? null;
  } catch (error) {
    if (isNamed(error, "LifecyclePolicyNotFoundException")) return null;
    if (isNamed(error, "AccessDeniedException")) return undefined;
    throw error;
  }
}

/** Reads a repository. @throws if ECR does not answer, or not as its API reference says */
export async function readRepository(region: string, repositoryName: string): Promise<RepositoryFacts> {
  const client = ecrOf(region);
  try {
    const input = { repositoryNames: [repositoryName] };
    const { repositories: [found] = [] } = await client.send(new DescribeRepositoriesCommand(input));
    return {
      state: "here",
      mutability: found?.imageTagMutability ?? "MUTABLE",
      lifeCycle: await lifeCycleOf(client, repositoryName),
    };
  } catch (error) {
    if (isNamed(error, "RepositoryNotFoundException")) return { state: "missing" };
    if (isNamed(error, "AccessDeniedException")) return { state: "refused" };
    throw error;
  }
}
