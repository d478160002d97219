/** Pull-through as a Terraform module. */
import { pullThrough } from "../../lib/config/companions/pull-through";
import { companionInputs } from "../../lib/config/inputs";
import { alarmTopicName } from "../../lib/contract";
import {
  DOCKER_HUB,
  DOCKER_HUB_HOSTS,
  ECR_PUBLIC,
  ECR_PUBLIC_PREFIX,
  OFFICIAL_IMAGES,
  PULL_THROUGH,
  UPSTREAMS,
} from "../../lib/pull-through";
import { companionProps, declareInputs, type Inputs } from "../faces/module-inputs";
import { MODULE_CONSTRUCT_ID, ModuleStack } from "../faces/module-stack";
import { type IResolvable, TerraformLocal, Token } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, list, num } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { mayBeNull } from "../terraform/maybe";
import { pullThroughRules } from "./module-rules";
import { PullThrough } from "./pull-through";

/** Project whose name begins that of the topic: a module knows no other. */
const PROJECT = "docker-cache";

export function createPullThroughModule(): ModuleStack {
  const module = new ModuleStack(PULL_THROUGH);
  const inputs = declareInputs(module, companionInputs(pullThrough));
  const props = companionProps(inputs, pullThrough);
  const map = inFile(module, "rules", () => createMap(module, inputs));
  const made = new PullThrough(module, MODULE_CONSTRUCT_ID, {
    ...props,
    logRetentionDays: inputs.number("log_retention_days"),
    rules: allRules(inputs),
    prefixes: list`keys(local.all_rules)`,
    expireAfterDays: expireAfterDays(inputs),
    monthlyBudgetUsd: inputs.number("monthly_budget_usd"),
    topicName: alarmTopicName(PROJECT, PULL_THROUGH),
    topicArn: inputs.textIn("notifications.topic", "arn"),
    email: inputs.text("notifications.email"),
  });
  module.output(
    "pull_through",
    "Upstream host, or host and path, to the beginning of a repository in ECR, as the module `builder` takes it.",
    map,
    pullThroughRules(module, inputs),
  );
  module.output("registry_url", "Host of the account's registry in the region.", made.registryUrl);
  module.output(
    "public_ecr_cache_prefix",
    "Beginning of ECR Public's images there; null without its rule.",
    made.publicEcrCachePrefix,
  );
  module.output("puller_policy_arn", "ARN of the policy for roles that pull through.", made.pullerPolicyArn);
  module.output("alarm_topic_arn", "ARN of the SNS topic that alarms go to.", made.alarmTopicArn);
  return module;
}

/** 0 is never; null is the default. */
function expireAfterDays(inputs: Inputs): number {
  const days = inputs.number("expire_after_days");
  return mayBeNull(num`${days} == 0 ? null : ${days}`);
}

/** The user's rules and ours, as the construct takes them. */
function allRules(inputs: Inputs): IResolvable {
  const host = hcl`rule.upstream`;
  const rule = {
    upstream: hcl`contains(${DOCKER_HUB_HOSTS}, ${host}) ? ${DOCKER_HUB} : ${host}`,
    upstream_url: hcl`contains(${DOCKER_HUB_HOSTS}, ${host}) ? ${UPSTREAMS["docker-hub"]!.url} : ${host}`,
    secret_name: hcl`rule.secret_name`,
    role_arn: hcl`rule.role_arn`,
    upstream_prefix: hcl`rule.upstream_prefix`,
  };
  const none = { secret_name: null, role_arn: null, upstream_prefix: null };
  const ours = { upstream: ECR_PUBLIC, upstream_url: ECR_PUBLIC, ...none };
  const given = hcl`{ for prefix, rule in ${inputs.any("rules")} : prefix => ${rule} }`;
  const added = hcl`{ for prefix in [${ECR_PUBLIC_PREFIX}] : prefix => ${ours} if ${inputs.bool("ecr_public")} }`;
  return hcl`merge(${added}, ${given})`;
}

/** `pullThroughMap` of lib/pull-through.ts, in Terraform's language. */
function createMap(module: ModuleStack, inputs: Inputs): Record<string, string> {
  const rules = hcl`local.all_rules`;
  // Of an upstream that is there twice, the first: the rules of the output refuse it, and say why.
  const grouped = hcl`{ for prefix, rule in ${rules} : join("/", compact([rule.upstream, rule.upstream_prefix])) => prefix... }`;
  const served = hcl`{ for key, prefixes in ${grouped} : key => prefixes[0] }`;
  const [key, place] = OFFICIAL_IMAGES;
  const hub = hcl`[for rule in values(${rules}) : rule if rule.upstream == ${DOCKER_HUB}]`;
  const official = hcl`{ for key in [${key}] : key => ${place} if ${inputs.bool("ecr_public")} && length(${hub}) == 0 }`;
  const map = new TerraformLocal(module, "map", hcl`tomap(merge(${served}, ${official}))`);
  comment(map, "Without a rule for Docker Hub its official images come through ECR Public, which has them too.");
  return Token.asStringMap(map.expression);
}
