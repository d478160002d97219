import type { Deployment, PullThroughSettings } from "../../../../lib/config/cell";
import { parseConfig } from "../../../../lib/config/load";
import { resolveConfig } from "../../../../lib/config/resolve-config";

const HUB = "docker-hub: { upstream: docker.io, secret_name: ecr-pullthroughcache/docker-hub }";
const ROLE = "arn:aws:iam::123456789012:role/ecr";
const ECR = "210987654321.dkr.ecr.eu-west-1.amazonaws.com";

interface Parts {
  readonly regions?: string;
  readonly cache?: string;
}

function parse(section: string | undefined, { regions = "{ eu-west-1: {} }", cache = "" }: Parts = {}) {
  const caches = `{ ci: { images: [alpine]${cache && `, ${cache}`} } }`;
  const text = `regions: ${regions}\ncaches: ${caches}\n${section === undefined ? "" : `pull_through: ${section}\n`}`;
  return parseConfig(text, "x.yaml");
}

/** Problems as `line: path: found -> fix`. */
function problems(section: string | undefined, parts?: Parts): string[] {
  const parsed = parse(section, parts);
  return parsed.ok ? [] : parsed.problems.map(({ line, path, found, fix }) => `${line}: ${path}: ${found} -> ${fix}`);
}

function resolve(section: string | undefined, parts?: Parts): Deployment {
  const parsed = parse(section, parts);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolveConfig(parsed.config);
}

const rules = (...lines: string[]) => `{ rules: { ${lines.join(", ")} } }`;
const mapOf = (deployment: Deployment, at = 0) => deployment.regions[at]!.cells[0]!.builder?.pullThrough;

describe("what follows", () => {
  test("without the section there is nothing", () => {
    const { regions } = resolve(undefined);
    expect([regions[0]!.companions, mapOf(resolve(undefined))]).toEqual([[], {}]);
  });

  test("an empty section has ECR Public, and official images come through it", () => {
    const deployment = resolve("{}");
    expect(deployment.regions[0]!.companions).toEqual([
      {
        noun: "pull-through",
        name: "pull-through",
        tags: {},
        permissionsBoundaryArn: null,
        rolePath: "/",
        kmsKeyArn: null,
        logRetentionDays: 30,
        expireAfterDays: 30,
        monthlyBudgetUsd: null,
        rules: [
          {
            prefix: "ecr-public",
            upstream: "public.ecr.aws",
            upstreamUrl: "public.ecr.aws",
            secretName: null,
            roleArn: null,
            upstreamPrefix: null,
          },
        ],
      },
    ]);
    expect(mapOf(deployment)).toEqual({
      "docker.io/library": "ecr-public/docker/library",
      "public.ecr.aws": "ecr-public",
    });
  });

  test.each(["docker.io", "index.docker.io", "registry-1.docker.io"])("%s is Docker Hub", (upstream) => {
    const deployment = resolve(rules(`hub: { upstream: ${upstream}, secret_name: ecr-pullthroughcache/hub }`));
    const [settings] = deployment.regions[0]!.companions as PullThroughSettings[];
    expect(settings!.rules.find(({ prefix }) => prefix === "hub")).toMatchObject({
      upstream: "docker.io",
      upstreamUrl: "registry-1.docker.io",
    });
    expect(mapOf(deployment)).toEqual({ "docker.io": "hub", "public.ecr.aws": "ecr-public" });
  });

  test("a rule of ECR serves what is below its upstream's prefix", () => {
    const team = `team: { upstream: ${ECR}, role_arn: "${ROLE}", upstream_prefix: team/a }`;
    expect(mapOf(resolve(`{ ecr_public: false, rules: { ${team} } }`))).toEqual({ [`${ECR}/team/a`]: "team" });
  });

  test("a cache may have a map of its own, or none", () => {
    expect(mapOf(resolve("{}", { cache: "pull_through: {}" }))).toEqual({});
    const own = { cache: "pull_through: { index.docker.io/library: ecr-public/docker/library, a.example: b }" };
    expect(Object.entries(mapOf(resolve(undefined, own))!)).toEqual([
      ["a.example", "b"],
      ["docker.io/library", "ecr-public/docker/library"],
    ]);
  });

  test("a region without the section's rules has none", () => {
    const deployment = resolve("{ regions: [us-east-1] }", { regions: "{ eu-west-1: {}, us-east-1: {} }" });
    expect(deployment.regions.map(({ companions }) => companions.length)).toEqual([0, 1]);
    expect([mapOf(deployment), Object.keys(mapOf(deployment, 1)!)]).toEqual([
      {},
      ["docker.io/library", "public.ecr.aws"],
    ]);
  });

  test("workers pull by the same, if they may", () => {
    const worker = (cache: string) => resolve("{}", { cache }).regions[0]!.cells[0]!.worker.pullThrough;
    expect(worker("worker: {}")).toEqual({});
    expect(Object.keys(worker("worker: { pull_through_access: true }"))).toEqual([
      "docker.io/library",
      "public.ecr.aws",
    ]);
  });
});

describe("what is refused", () => {
  test.each<[string, string, string, Parts?]>([
    [
      "no rule at all",
      "{ ecr_public: false }",
      "3: pull_through.ecr_public: ecr_public: false, and no rules -> add a rule",
    ],
    ["ROOT", rules("ROOT: { upstream: quay.io }"), '3: pull_through.rules.ROOT: the key "ROOT" -> rename it'],
    ["a prefix of one letter", rules("q: { upstream: quay.io }"), '3: pull_through.rules.q: the key "q" -> '],
    ["a long prefix", rules(`${"q".repeat(31)}: { upstream: quay.io }`), `3: pull_through.rules.${"q".repeat(31)}: `],
    [
      "a prefix below another",
      rules("team: { upstream: quay.io }", "team/k8s: { upstream: registry.k8s.io }"),
      "3: pull_through.rules.team/k8s: team/k8s, below team -> rename one of the two",
    ],
    [
      "a prefix below ECR Public's",
      rules("ecr-public/quay: { upstream: quay.io }"),
      "3: pull_through.rules.ecr-public/quay: ecr-public/quay, below ecr-public -> rename",
    ],
    [
      "ecr-public twice",
      rules("ecr-public: { upstream: public.ecr.aws }"),
      "3: pull_through.rules.ecr-public: ecr-public, which ecr_public has -> remove the rule, or add ecr_public: false",
    ],
    [
      "ECR Public by another prefix",
      rules("public: { upstream: public.ecr.aws }"),
      "3: pull_through.rules.public.upstream: public.ecr.aws, which ecr_public has -> remove one of the two",
    ],
    [
      "an upstream twice, spelled otherwise",
      rules(HUB, "hub: { upstream: index.docker.io, secret_name: ecr-pullthroughcache/hub }"),
      "3: pull_through.rules.hub.upstream: docker.io, which docker-hub has -> remove one of the two",
    ],
    [
      "an unknown upstream",
      rules("other: { upstream: registry.example.com }"),
      "3: pull_through.rules.other.upstream: ",
    ],
    [
      "Docker Hub without a login",
      rules("hub: { upstream: docker.io }"),
      "3: pull_through.rules.hub.upstream: docker.io without secret_name -> add one such as ecr-pullthroughcache/hub",
    ],
    [
      "GitHub without a login",
      rules("gh: { upstream: ghcr.io }"),
      "3: pull_through.rules.gh.upstream: ghcr.io without secret_name -> ",
    ],
    [
      "a login for Quay",
      rules("quay: { upstream: quay.io, secret_name: ecr-pullthroughcache/quay }"),
      "3: pull_through.rules.quay.secret_name: ecr-pullthroughcache/quay for quay.io -> remove it",
    ],
    [
      "a role for Docker Hub",
      rules(`hub: { upstream: docker.io, secret_name: ecr-pullthroughcache/hub, role_arn: "${ROLE}" }`),
      `3: pull_through.rules.hub.role_arn: ${ROLE} for docker.io -> remove it`,
    ],
    [
      "a prefix of Quay's",
      rules("quay: { upstream: quay.io, upstream_prefix: team }"),
      "3: pull_through.rules.quay.upstream_prefix: team for quay.io -> remove it",
    ],
    [
      "a secret's name",
      rules("hub: { upstream: docker.io, secret_name: hub }"),
      '3: pull_through.rules.hub.secret_name: "hub" -> ',
    ],
    [
      "ECR in China",
      rules("team: { upstream: 210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn }"),
      "3: pull_through.rules.team.upstream: 210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn, in China -> remove the rule",
    ],
    [
      "ECR from China",
      rules(`team: { upstream: ${ECR} }`),
      `3: pull_through.rules.team.upstream: ${ECR} from cn-north-1 -> remove the rule`,
      { regions: "{ cn-north-1: {} }" },
    ],
    [
      "a budget that nobody hears of",
      "{ monthly_budget_usd: 20 }",
      "3: pull_through.monthly_budget_usd: a budget in us-east-1, whose notifications name nobody -> add regions.us-east-1.notifications.email",
      { regions: "{ eu-west-1: { notifications: { email: a@example.com } }, us-east-1: {} }" },
    ],
    ["a budget of nothing", "{ monthly_budget_usd: 0 }", "3: pull_through.monthly_budget_usd: 0 -> "],
    ["an expiry of ten years and a day", "{ expire_after_days: 3651 }", "3: pull_through.expire_after_days: 3651 -> "],
    [
      "a region that is none of the configuration's",
      "{ monthly_budget_usd: 20, regions: [us-east-1] }",
      "3: pull_through.regions[0]: us-east-1 -> ",
    ],
  ])("%s", (_, section, expected, parts = {}) => {
    expect(problems(section, parts)).toEqual([expect.stringContaining(expected)]);
  });

  test("51 rules with ours", () => {
    const all = Array.from(
      { length: 50 },
      (_, index) => `p${index}: { upstream: ${10000 + index}.azurecr.io, secret_name: ecr-pullthroughcache/a }`,
    );
    expect(problems(rules(...all))).toEqual(["3: pull_through.rules: 51 rules with ours -> remove some"]);
    expect(problems(rules(...all.slice(1)))).toEqual([]);
  });

  test("a repository of ours below a prefix is no business of this section's own", () => {
    expect(problems(rules(HUB))).toEqual([]);
  });
});
