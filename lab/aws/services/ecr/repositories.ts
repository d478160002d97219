/** ECR's repositories are moto's; here each gets a record of what only a registry with layers has to know. */
import { randomUUID } from "node:crypto";
import type { Call, Handlers } from "../../handler";
import { pageOf } from "../ec2/lists";

const REPOSITORIES_PER_PAGE = 100;

interface Request {
  readonly repositoryName: string;
}

async function createRepository(input: Request, call: Call): Promise<object> {
  const answer = await call.forward<object>(input);
  call.state.ecrRepositories[input.repositoryName] = {
    incarnation: randomUUID(),
    uploaded: new Set(),
    pushedAt: new Map(),
    checkedAt: new Map(),
  };
  return answer;
}

async function deleteRepository(input: Request, call: Call): Promise<object> {
  const answer = await call.forward<object>(input);
  delete call.state.ecrRepositories[input.repositoryName];
  return answer;
}

interface List {
  readonly repositoryNames?: readonly string[];
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** moto gives all at once. ECR gives a hundred, unless it is asked for more or for some by name (API reference, `maxResults`). */
async function describeRepositories({ maxResults, nextToken, ...input }: List, call: Call): Promise<object> {
  const answer = await call.forward<{ repositories?: object[] }>(input);
  if (input.repositoryNames?.length) return answer;
  const asked = { MaxResults: maxResults ?? REPOSITORIES_PER_PAGE, NextToken: nextToken };
  const { page, NextToken } = pageOf(answer.repositories ?? [], asked, [1, 1000]);
  return { repositories: page, nextToken: NextToken };
}

/** The handlers of this file. */
export const repositoryHandlers: Handlers = {
  "ecr:CreateRepository": createRepository,
  "ecr:DeleteRepository": deleteRepository,
  "ecr:DescribeRepositories": describeRepositories,
};
