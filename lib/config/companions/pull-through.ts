/** Pull-through: which upstream registries ECR keeps images of, in which regions, and for how long. */
import { z } from "zod";
import { pullThroughNames } from "../../contract";
import {
  ECR_PUBLIC,
  ECR_PUBLIC_PREFIX,
  hostAsNamed,
  PULL_THROUGH,
  type PullThroughRule,
  SECRET_PREFIX,
  UPSTREAMS,
  upstreamOf,
} from "../../pull-through";
import { companionOf } from "../companion";
import { repositoryPrefix, roleArn, spelled } from "../schema/fields";
import { checkPullThrough, type Fields } from "./pull-through-checks";

const HOSTS = Object.values(UPSTREAMS).map(({ hosts }) => hosts.source.slice(1, -1));
/** Upstream hosts that ECR knows. JavaScript and RE2 read the pattern alike. */
const UPSTREAM = new RegExp(`^(${HOSTS.join("|")})$`);

const rule = z.strictObject({
  upstream: spelled(
    UPSTREAM,
    "docker.io, public.ecr.aws, quay.io, registry.k8s.io, ghcr.io, registry.gitlab.com, NAME.azurecr.io, cgr.dev, or ACCOUNT.dkr.ecr.REGION.amazonaws.com",
  ).describe("Host of the upstream registry, as references spell it."),
  secret_name: spelled(
    /^ecr-pullthroughcache\/[A-Za-z0-9/_+=.@-]{1,491}$/,
    `the name of a Secrets Manager secret that begins with ${SECRET_PREFIX}, not its ARN`,
  )
    .nullable()
    .default(null)
    .describe(
      "Name of a secret that exists in each of the regions: JSON with `username` and `accessToken`. Needed for docker.io, ghcr.io, registry.gitlab.com, azurecr.io and cgr.dev; no other has one.",
    ),
  role_arn: roleArn
    .nullable()
    .default(null)
    .describe("Role of yours with which ECR reads an ECR registry of another account. null: none."),
  upstream_prefix: repositoryPrefix
    .nullable()
    .default(null)
    .describe("Beginning of the repositories' names in an upstream ECR registry. null: all of them."),
});

const fields = {
  ecr_public: z
    .boolean()
    .default(true)
    .describe(`A rule for ${ECR_PUBLIC} under the prefix \`${ECR_PUBLIC_PREFIX}\`, which needs no login.`),
  rules: z
    .record(repositoryPrefix, rule)
    .default({})
    .describe(
      "Rules by the prefix that their repositories have in ECR. Builders use them unless `caches.<c>.pull_through` says otherwise.",
    ),
  expire_after_days: z
    .int()
    .min(1)
    .max(3650)
    .nullable()
    .default(30)
    .describe("Days after its push at which ECR deletes an image; it cannot go by the last pull. null: never."),
  monthly_budget_usd: z
    .number()
    .gt(0)
    .max(1e9)
    .nullable()
    .default(null)
    .describe(
      "Budget in US dollars for all that ECR costs in the region, told to `notifications` when it is spent, and when it is forecast to be. null: none.",
    ),
};

/** The rules of an entry, that of ECR Public among them, sorted by prefix. */
function rulesOf({ ecr_public, rules }: Pick<Fields, "ecr_public" | "rules">): PullThroughRule[] {
  const own = Object.entries(rules).map(([prefix, { upstream, secret_name, role_arn, upstream_prefix }]) => ({
    prefix,
    upstream: hostAsNamed(upstream),
    upstreamUrl: upstreamOf(upstream)?.url ?? upstream,
    secretName: secret_name,
    roleArn: role_arn,
    upstreamPrefix: upstream_prefix,
  }));
  const none = { secretName: null, roleArn: null, upstreamPrefix: null };
  const ecrPublic = { prefix: ECR_PUBLIC_PREFIX, upstream: ECR_PUBLIC, upstreamUrl: ECR_PUBLIC, ...none };
  return [...(ecr_public ? [ecrPublic] : []), ...own].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

export const pullThrough = companionOf<Fields>({
  noun: PULL_THROUGH,
  description: "ECR's cache of upstream images: its rules in each region, by which the caches' builders pull.",
  entries: "single",
  fields,
  // To a module null is the default, so that never is said by a number.
  moduleFields: {
    expire_after_days: z
      .int()
      .min(0)
      .max(3650)
      .default(30)
      .describe("Days after its push at which ECR deletes an image; it cannot go by the last pull. 0: never."),
  },
  logs: true,
  alarms: true,
  names: ({ region }) => {
    const { role, pullerPolicy, failures, logGroup, budget } = pullThroughNames(region);
    return [
      { kind: "iamRole", name: role },
      { kind: "iamPolicy", name: pullerPolicy },
      { kind: "rule", name: failures },
      { kind: "alarm", name: failures },
      { kind: "logGroup", name: logGroup },
      { kind: "budget", name: budget },
    ];
  },
  repositoryPrefixes: ({ fields: entry }) => rulesOf(entry).map(({ prefix }) => prefix),
  check: checkPullThrough,
  settings: ({ fields: entry }) => ({
    rules: rulesOf(entry),
    expireAfterDays: entry.expire_after_days,
    monthlyBudgetUsd: entry.monthly_budget_usd,
  }),
  example: {
    rules: {
      "docker-hub": { upstream: "docker.io", secret_name: "ecr-pullthroughcache/docker-hub" },
      quay: { upstream: "quay.io" },
      team: {
        upstream: "210987654321.dkr.ecr.eu-west-1.amazonaws.com",
        role_arn: "arn:aws:iam::123456789012:role/ecr-pull-through",
        upstream_prefix: "team",
      },
    },
    monthly_budget_usd: 20,
    log_retention_days: 365,
    permissions_boundary_arn: "arn:aws:iam::123456789012:policy/boundary",
  },
});
