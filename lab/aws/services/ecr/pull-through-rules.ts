/** ECR's pull-through cache rules, which moto lacks. */
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import type { PullThroughRule } from "../../state";
import { pageOf } from "../ec2/lists";

/** Registries that answer only to a login, by their host name. */
const WITH_CREDENTIALS = /^(registry-1\.docker\.io|ghcr\.io|registry\.gitlab\.com|.*\.azurecr\.io)$/;
const RULES_PER_REGISTRY = 50;

function createRule(input: PullThroughRule, call: Call) {
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
  const now = call.aws.now();
  rules[prefix] = {
    ...input,
    registryId: call.aws.accountId,
    createdAt: now,
    updatedAt: now,
  };
  return rules[prefix];
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

function updateRule(input: PullThroughRule, call: Call) {
  const rule = find(call, input.ecrRepositoryPrefix);
  const { credentialArn = rule.credentialArn, customRoleArn = rule.customRoleArn } = input;
  return Object.assign(rule, { credentialArn, customRoleArn, updatedAt: call.aws.now() });
}

function deleteRule(input: { ecrRepositoryPrefix: string }, call: Call) {
  const rule = find(call, input.ecrRepositoryPrefix);
  delete call.state.pullThroughRules[input.ecrRepositoryPrefix];
  return rule;
}

function validateRule(input: { ecrRepositoryPrefix: string }, call: Call) {
  return { ...find(call, input.ecrRepositoryPrefix), isValid: true };
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
