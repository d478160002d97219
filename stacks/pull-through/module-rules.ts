/** What the configuration's checks refuse of pull-through (lib/config/companions/pull-through-checks.ts), for what only the plan knows. */
import {
  DOCKER_HUB,
  DOCKER_HUB_HOSTS,
  ECR_PUBLIC,
  ECR_PUBLIC_PREFIX,
  RULES_MAXIMUM,
  SECRET_PREFIX,
  UPSTREAMS,
  type UpstreamLogin,
} from "../../lib/pull-through";
import type { Inputs } from "../faces/module-inputs";
import { emailRule, rule, tagRules } from "../faces/module-rules";
import type { ModuleStack, Rule } from "../faces/module-stack";
import { currentOf } from "../parts/current";
import type { IResolvable } from "../terraform/cdktf";
import { hcl, str } from "../terraform/expression";
import { raw } from "../terraform/maybe";

/** Hosts, as they are typed, of upstream registries with this login. */
function hostsWith(login: UpstreamLogin): string {
  const kinds = Object.values(UPSTREAMS).filter((upstream) => upstream.login === login);
  return kinds.map(({ hosts }) => hosts.source).join("|");
}

export function pullThroughRules(module: ModuleStack, inputs: Inputs): Rule[] {
  const given = inputs.any("rules");
  const ecrPublic = inputs.bool("ecr_public");
  return [
    ...tagRules(inputs),
    ...countRules(given, ecrPublic),
    ...loginRules(given),
    chinaRule(module, given),
    ...prefixRules(given, ecrPublic),
    upstreamRule(given, ecrPublic),
    ...notificationRules(module, inputs),
  ];
}

/** Refuses what a list has: each item is what was found. */
function noneOf(items: IResolvable, path: string, expected: string, fix: string): Rule {
  return rule(str`length(${items}) == 0`, path, str`join(", ", ${items})`, expected, fix);
}

function countRules(given: IResolvable, ecrPublic: boolean): Rule[] {
  const count = hcl`length(keys(${given})) + (${ecrPublic} ? 1 : 0)`;
  return [
    rule(
      str`${count} > 0`,
      "ecr_public",
      "ecr_public: false, and no rules",
      "at least one rule",
      "Add a rule, or remove the module",
    ),
    rule(
      str`${count} <= ${RULES_MAXIMUM}`,
      "rules",
      `${str`${count}`} rules with ours`,
      `at most ${RULES_MAXIMUM}, the most that a registry has`,
      "Remove some",
    ),
  ];
}

function loginRules(given: IResolvable): Rule[] {
  const strange = (field: string, login: UpstreamLogin) => {
    const at = raw(`rule.${field}`);
    const others = hcl`${at} != null && !can(regex(${hostsWith(login)}, rule.upstream))`;
    const found = hcl`[for rule in values(${given}) : format("%s for %s", ${at}, rule.upstream) if ${others}]`;
    return noneOf(found, `rules.${field}`, `none: AWS has no ${field} for this upstream`, "Remove it");
  };
  const needing = hcl`can(regex(${hostsWith("secret")}, rule.upstream)) && rule.secret_name == null`;
  const bare = hcl`[for rule in values(${given}) : format("%s without secret_name", rule.upstream) if ${needing}]`;
  return [
    strange("secret_name", "secret"),
    strange("role_arn", "role"),
    strange("upstream_prefix", "role"),
    noneOf(bare, "rules", "a secret with a login", `Add one such as ${SECRET_PREFIX}docker-hub`),
  ];
}

function chinaRule(module: ModuleStack, given: IResolvable): Rule {
  const { region } = currentOf(module);
  const fromEcr = hcl`[for rule in values(${given}) : rule.upstream if can(regex(${hostsWith("role")}, rule.upstream))]`;
  const found = hcl`[for upstream in ${fromEcr} : can(regex("[.]ecr[.]cn-", upstream)) ? format("%s, in China", upstream) : format("%s from %s", upstream, ${region}) if can(regex("[.]ecr[.]cn-", upstream)) || startswith(${region}, "cn-")]`;
  return noneOf(found, "rules", "ECR registries outside of China", "Remove the rule");
}

function prefixRules(given: IResolvable, ecrPublic: boolean): Rule[] {
  const all = hcl`concat(keys(${given}), ${ecrPublic} ? [${ECR_PUBLIC_PREFIX}] : [])`;
  const below = hcl`flatten([for prefix in keys(${given}) : [for other in ${all} : format("%s, below %s", prefix, other) if startswith(prefix, format("%s/", other))]])`;
  return [
    rule(
      str`!${ecrPublic} || !contains(keys(${given}), ${ECR_PUBLIC_PREFIX})`,
      "rules",
      `${ECR_PUBLIC_PREFIX}, which ecr_public has`,
      "each prefix once",
      "Remove the rule, or add ecr_public = false",
    ),
    noneOf(below, "rules", "no prefix below another", "Rename one of the two"),
  ];
}

function upstreamRule(given: IResolvable, ecrPublic: boolean): Rule {
  const host = hcl`contains(${DOCKER_HUB_HOSTS}, rule.upstream) ? ${DOCKER_HUB} : rule.upstream`;
  const own = hcl`[for prefix, rule in ${given} : join("/", compact([${host}, rule.upstream_prefix])) if prefix != ${ECR_PUBLIC_PREFIX}]`;
  const all = hcl`concat(${ecrPublic} ? [${ECR_PUBLIC}] : [], ${own})`;
  const again = hcl`distinct([for index, served in ${all} : format("%s again", served) if index(${all}, served) < index])`;
  return noneOf(again, "rules", "each upstream once", "Remove one of the two");
}

function notificationRules(module: ModuleStack, inputs: Inputs): Rule[] {
  const { region } = currentOf(module);
  const [email, topic] = [hcl`local.notifications.email`, hcl`local.notifications.topic`];
  return [
    rule(
      str`${inputs.number("monthly_budget_usd")} == null || ${email} != null || ${topic} != null`,
      "monthly_budget_usd",
      `a budget in ${region}, whose notifications name nobody`,
      "an address or a topic to tell",
      "Add notifications.email, or remove the budget",
    ),
    emailRule(),
  ];
}
