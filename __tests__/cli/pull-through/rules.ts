/** Rules and sections for tests, as the example of docs/pull-through.md has them. */
import type { PullThroughSettings } from "../../../lib/config/cell";
import type { PullThroughRule } from "../../../lib/pull-through";

export const ACCOUNT = "123456789012";
export const REGION = "eu-west-1";
export const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;

export const rule = (prefix: string, upstream: string, more: Partial<PullThroughRule> = {}): PullThroughRule => ({
  prefix,
  upstream,
  upstreamUrl: upstream,
  secretName: null,
  roleArn: null,
  upstreamPrefix: null,
  ...more,
});

const secret = (name: string) => ({ secretName: `ecr-pullthroughcache/${name}` });
export const PUBLIC = rule("ecr-public", "public.ecr.aws");
export const HUB = rule("docker-hub", "docker.io", { upstreamUrl: "registry-1.docker.io", ...secret("docker-hub") });
export const RULES = [HUB, PUBLIC, rule("github", "ghcr.io", secret("github")), rule("quay", "quay.io")];

export const settings = (rules: readonly PullThroughRule[], more: Partial<PullThroughSettings> = {}) => ({
  noun: "pull-through",
  name: "pull-through",
  tags: {},
  permissionsBoundaryArn: null,
  rolePath: "/",
  kmsKeyArn: null,
  rules,
  expireAfterDays: 30,
  monthlyBudgetUsd: null,
  logRetentionDays: 30,
  ...more,
});
