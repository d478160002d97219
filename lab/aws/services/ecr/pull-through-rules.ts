/** ECR's pull-through cache rules, which moto lacks. */
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import type { PullThroughRule } from "../../state";
import { pageOf } from "../ec2/lists";

/** Registries that answer only to a login, by their host name. */
const WITH_CREDENTIALS = /^(registry-1\.docker\.io|ghcr\.io|registry\.gitlab\.com|cgr\.dev|.*\.azurecr\.io)$/;
/** Those that want none; an ECR is reached by a role, or by nothing. */
const WITHOUT_CREDENTIALS = /^(public\.ecr\.aws|registry\.k8s\.io|quay\.io|\d{12}\.dkr\.ecr\..*)$/;
const RULES_PER_REGISTRY = 50;

async function createRule(input: PullThroughRule, call: Call) {
  const { ecrRepositoryPrefix: prefix, upstreamRegistryUrl: url, credentialArn } = input;
  const rules = call.state.pullThroughRules;
  if (rules[prefix]) {
    const message = `A pull through cache rule already exists with the repository prefix '${prefix}' in the registry`;
    throw new AwsError("PullThroughCacheRuleAlreadyExistsException", message);
  }
  if (Object.keys(rules).length >= RULES_PER_REGISTRY) {
    throw new AwsError("LimitExceededException", `At most ${RULES_PER_REGISTRY} pull through cache rules per registry`);
  }
  if (WITH_CREDENTIALS.test(url) && !credentialArn) {
    throw new AwsError("InvalidParameterException", `The upstream registry ${url} requires a credentialArn`);
  }
  if (!WITH_CREDENTIALS.test(url) && !WITHOUT_CREDENTIALS.test(url))
    throw new AwsError("UnsupportedUpstreamRegistryException", `The upstream registry ${url} is not supported`);
  await checkSecret(credentialArn, call);
  const now = call.aws.now();
  rules[prefix] = {
    ...input,
    registryId: call.aws.accountId,
    createdAt: now,
    updatedAt: now,
  };
  return rules[prefix];
}

/** User and password for an upstream registry. */
export interface UpstreamLogin {
  readonly username: string;
  readonly accessToken: string;
}

/** The login in a secret's text; undefined if there is none. */
export function loginIn(secretString: string): UpstreamLogin | undefined {
  try {
    const { username, accessToken } = JSON.parse(secretString) as Partial<UpstreamLogin>;
    return username && accessToken ? { username, accessToken } : undefined;
  } catch {
    return undefined;
  }
}

interface RulesRequest {
  readonly ecrRepositoryPrefixes?: readonly string[];
  readonly maxResults?: number;
  readonly nextToken?: string;
}

function describeRules(input: RulesRequest, call: Call) {
  const prefixes = input.ecrRepositoryPrefixes ?? [];
  const all = Object.values(call.state.pullThroughRules);
  const chosen = prefixes.length > 0 ? prefixes.map((prefix) => find(call, prefix)) : all;
  const { page, NextToken } = pageOf(chosen, { MaxResults: input.maxResults, NextToken: input.nextToken }, [1, 1000]);
  return { pullThroughCacheRules: page, nextToken: NextToken };
}

/** ECR reads the secret when a rule names it. */
async function checkSecret(credentialArn: string | undefined, call: Call): Promise<void> {
  if (credentialArn === undefined) return;
  if ((await secretText(credentialArn, call)) === undefined) {
    const message = `The secret ${credentialArn} was not found, or cannot be read`;
    throw new AwsError("SecretNotFoundException", message);
  }
}

/** A secret's text; undefined if it is not there, or has none yet. */
async function secretText(SecretId: string, { aws, region }: Call): Promise<string | undefined> {
  const target = { service: "secretsmanager", action: "GetSecretValue", region };
  try {
    return (await aws.moto<{ SecretString?: string }>(target, { SecretId })).SecretString;
  } catch (error) {
    if (error instanceof AwsError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

async function updateRule(input: PullThroughRule, call: Call) {
  const rule = find(call, input.ecrRepositoryPrefix);
  await checkSecret(input.credentialArn, call);
  const { credentialArn = rule.credentialArn, customRoleArn = rule.customRoleArn } = input;
  return Object.assign(rule, { credentialArn, customRoleArn, updatedAt: call.aws.now() });
}

function deleteRule(input: { ecrRepositoryPrefix: string }, call: Call) {
  const rule = find(call, input.ecrRepositoryPrefix);
  delete call.state.pullThroughRules[input.ecrRepositoryPrefix];
  return rule;
}

/** Whether the upstream registry takes the login is not tried here: only `lab/ecr` reaches one. */
async function validateRule(input: { ecrRepositoryPrefix: string }, call: Call) {
  const rule = find(call, input.ecrRepositoryPrefix);
  const failure = await secretFailure(rule, call);
  return { ...rule, isValid: failure === undefined, failure };
}

/** What is wrong with a rule's secret; undefined if it is a login, or if the rule has none. */
async function secretFailure({ credentialArn }: PullThroughRule, call: Call): Promise<string | undefined> {
  if (credentialArn === undefined) return undefined;
  const text = await secretText(credentialArn, call);
  if (text === undefined) return `The secret ${credentialArn} was not found, or cannot be read`;
  return loginIn(text) ? undefined : `The secret ${credentialArn} holds no JSON with username and accessToken`;
}

function find(call: Call, prefix: string): PullThroughRule {
  const rule = call.state.pullThroughRules[prefix];
  if (rule) return rule;
  const message = `Pull through cache rule with repository prefix '${prefix}' does not exist in the registry`;
  throw new AwsError("PullThroughCacheRuleNotFoundException", message);
}

/** The handlers of this file. */
export const pullThroughHandlers: Handlers = {
  "ecr:CreatePullThroughCacheRule": createRule,
  "ecr:DescribePullThroughCacheRules": describeRules,
  "ecr:UpdatePullThroughCacheRule": updateRule,
  "ecr:DeletePullThroughCacheRule": deleteRule,
  "ecr:ValidatePullThroughCacheRule": validateRule,
};
