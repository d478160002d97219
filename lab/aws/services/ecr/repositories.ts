/** ECR's repositories are moto's; here each gets a record of what only a registry with layers has to know. */
import { randomUUID } from "node:crypto";
import type { Call, Handlers } from "../../handler";

interface Request {
  readonly repositoryName: string;
}

async function createRepository(input: Request, call: Call): Promise<object> {
  const answer = await call.forward<object>(input);
  call.state.ecrRepositories[input.repositoryName] = {
    incarnation: randomUUID(),
    uploaded: new Set(),
    checkedAt: new Map(),
  };
  return answer;
}

async function deleteRepository(input: Request, call: Call): Promise<object> {
  const answer = await call.forward<object>(input);
  delete call.state.ecrRepositories[input.repositoryName];
  return answer;
}

/** The handlers of this file. */
export const repositoryHandlers: Handlers = {
  "ecr:CreateRepository": createRepository,
  "ecr:DeleteRepository": deleteRepository,
};
