/** What the schema alone cannot tell of pull-through's rules: how they fit their upstream registries, one another and the regions. */
import {
  ECR_PUBLIC_PREFIX,
  keyOf,
  RULES_MAXIMUM,
  SECRET_PREFIX,
  type UpstreamLogin,
  upstreamOf,
} from "../../pull-through";
import type { Entry, EntryFields } from "../companion";
import type { Config } from "../schema/schema";
import type { Finding, Path } from "../text/problem";

/** A rule as it is typed. */
interface Rule {
  readonly upstream: string;
  readonly secret_name: string | null;
  readonly role_arn: string | null;
  readonly upstream_prefix: string | null;
}

/** Fields of the section. */
export interface Fields extends EntryFields {
  readonly ecr_public: boolean;
  readonly rules: Readonly<Record<string, Rule>>;
  readonly expire_after_days: number | null;
  readonly monthly_budget_usd: number | null;
  readonly log_retention_days: number;
}

/** A rule with its prefix and its place. */
interface Placed extends Rule {
  readonly prefix: string;
  readonly path: Path;
}

/** Checks of the section. */
export function checkPullThrough({ path, fields }: Entry<Fields>, config: Config): Finding[] {
  const { ecr_public } = fields;
  const rules = Object.entries(fields.rules).map(
    ([prefix, rule]): Placed => ({
      ...rule,
      prefix,
      path: [...path, "rules", prefix],
    }),
  );
  const regions = fields.regions ?? Object.keys(config.regions);
  return [
    ...checkCount(path, rules.length + (ecr_public ? 1 : 0)),
    ...rules.flatMap((rule) => [...checkLogin(rule), ...checkChina(rule, regions)]),
    ...checkPrefixes(rules, ecr_public),
    ...checkUpstreams(rules, ecr_public),
    ...checkBudget(path, fields, config, regions),
  ];
}

function checkCount(path: Path, count: number): Finding[] {
  if (count === 0) {
    const [found, expected] = ["ecr_public: false, and no rules", "at least one rule"];
    return [{ path: [...path, "ecr_public"], found, expected, fix: "add a rule, or remove the section" }];
  }
  if (count <= RULES_MAXIMUM) return [];
  const expected = `at most ${RULES_MAXIMUM}, the most that a registry has`;
  return [{ path: [...path, "rules"], found: `${count} rules with ours`, expected, fix: "remove some" }];
}

/** Which field says how ECR logs in. */
const FIELDS_OF: Readonly<Record<UpstreamLogin, readonly (keyof Rule)[]>> = {
  secret: ["secret_name"],
  role: ["role_arn", "upstream_prefix"],
  none: [],
};

/** A login is there if the upstream needs one, and no field that AWS knows for others alone. */
function checkLogin({ path, upstream, prefix, ...rule }: Placed): Finding[] {
  // The schema has refused an upstream that ECR does not know.
  const { login } = upstreamOf(upstream)!;
  const fields = ["secret_name", "role_arn", "upstream_prefix"] as const;
  const strange = fields.filter((field) => rule[field] !== null && !FIELDS_OF[login].includes(field));
  const findings = strange.map((field): Finding => {
    const expected = `none: AWS has no ${field} for this upstream`;
    return { path: [...path, field], found: `${rule[field]} for ${upstream}`, expected, fix: "remove it" };
  });
  if (login !== "secret" || rule.secret_name !== null) return findings;
  const fix = `add one such as ${SECRET_PREFIX}${prefix}`;
  return [
    ...findings,
    { path: [...path, "upstream"], found: `${upstream} without secret_name`, expected: "a secret with a login", fix },
  ];
}

/** ECR takes nothing from ECR in China, nor there from ECR (Amazon ECR User Guide, "Sync an upstream registry"). */
function checkChina({ path, upstream }: Placed, regions: readonly string[]): Finding[] {
  if (upstreamOf(upstream)!.login !== "role") return [];
  const here = regions.filter((region) => region.startsWith("cn-"));
  const found = /[.]ecr[.]cn-/.test(upstream)
    ? `${upstream}, in China`
    : here.map((region) => `${upstream} from ${region}`).join(", ");
  if (found === "") return [];
  return [{ path: [...path, "upstream"], found, expected: "ECR registries outside of China", fix: "remove the rule" }];
}

/** ECR refuses a prefix below another's, and the second of two that are equal. */
function checkPrefixes(rules: readonly Placed[], ecrPublic: boolean): Finding[] {
  const prefixes = [...(ecrPublic ? [ECR_PUBLIC_PREFIX] : []), ...rules.map(({ prefix }) => prefix)];
  return rules.flatMap(({ prefix, path }) => {
    if (ecrPublic && prefix === ECR_PUBLIC_PREFIX) {
      const [found, fix] = [`${prefix}, which ecr_public has`, "remove the rule, or add ecr_public: false"];
      return [{ path, found, expected: "each prefix once", fix }];
    }
    const over = prefixes.find((other) => prefix.startsWith(`${other}/`));
    if (over === undefined) return [];
    return [
      { path, found: `${prefix}, below ${over}`, expected: "no prefix below another", fix: "rename one of the two" },
    ];
  });
}

/** An image must have one place in ECR. */
function checkUpstreams(rules: readonly Placed[], ecrPublic: boolean): Finding[] {
  const seen = new Map<string, string>(ecrPublic ? [["public.ecr.aws", "ecr_public"]] : []);
  return rules.flatMap(({ prefix, path, upstream, upstream_prefix: below }) => {
    const served = keyOf(upstream, below);
    const first = seen.get(served);
    if (first === undefined) {
      seen.set(served, prefix);
      return [];
    }
    if (prefix === ECR_PUBLIC_PREFIX && first === "ecr_public") return [];
    const found = `${served}, which ${first} has`;
    return [{ path: [...path, "upstream"], found, expected: "each upstream once", fix: "remove one of the two" }];
  });
}

/** AWS tells somebody of a budget, or there is no use in it. */
function checkBudget(
  path: Path,
  { monthly_budget_usd }: Fields,
  config: Config,
  regions: readonly string[],
): Finding[] {
  if (monthly_budget_usd === null) return [];
  const silent = regions.filter((region) => {
    const told = config.regions[region]?.notifications;
    return told !== undefined && told.email === null && told.topic_arn === null;
  });
  return silent.map((region) => ({
    path: [...path, "monthly_budget_usd"],
    found: `a budget in ${region}, whose notifications name nobody`,
    expected: "an address or a topic to tell",
    fix: `add regions.${region}.notifications.email, or remove the budget`,
  }));
}
