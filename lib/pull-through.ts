/**
 * ECR's pull-through cache: which upstream registries it knows, what rules there are, and the name in ECR under which an image is had.
 * A rule's prefix begins the names of the repositories that ECR fills from the rule's upstream (Amazon ECR User Guide, "Sync an upstream registry").
 */
import type { ImageReference } from "./image-reference";

/** How ECR logs in to an upstream registry: with a secret of ours, with a role, or not at all. */
export type UpstreamLogin = "secret" | "role" | "none";

/** One kind of upstream registry. */
export interface Upstream {
  /** Hosts, as a configuration and references spell them. JavaScript and RE2 read the pattern alike. */
  readonly hosts: RegExp;
  /** The kind in words, for errors. */
  readonly what: string;
  readonly login: UpstreamLogin;
  /** Host that ECR's API wants for it; undefined: the one that is configured. */
  readonly url?: string;
}

/** Name of the noun, the value of the tag `docker-cache:companion`. */
export const PULL_THROUGH = "pull-through";
/** Docker Hub, as references mean it. */
export const DOCKER_HUB = "docker.io";
/** Hosts by which Docker Hub is called. */
export const DOCKER_HUB_HOSTS = [DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];
/** ECR Public, whose rule a region has unless it is switched off. */
export const ECR_PUBLIC = "public.ecr.aws";
/** Prefix of the rule of ECR Public. */
export const ECR_PUBLIC_PREFIX = "ecr-public";
/** Key under which official images go through ECR Public, if no rule serves Docker Hub, and their place there. */
export const OFFICIAL_IMAGES = [`${DOCKER_HUB}/library`, `${ECR_PUBLIC_PREFIX}/docker/library`] as const;
/** Name that every secret of an upstream registry begins with (ECR's API, CreatePullThroughCacheRule, `credentialArn`). */
export const SECRET_PREFIX = "ecr-pullthroughcache/";
/** Rules of a registry (Amazon ECR User Guide, "Service quotas"); AWS does not raise it. */
export const RULES_MAXIMUM = 50;
/** ECR hosts of this partition form that a rule may name, with those of China, which it may not. */
const ECR_UPSTREAM = /^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.](com|eu|com[.]cn)$/;

const oneOf = (...hosts: string[]) => new RegExp(`^(${hosts.map((host) => host.replaceAll(".", "[.]")).join("|")})$`);

/** The upstream registries of ECR's API by the names that it has for them (CreatePullThroughCacheRule, `upstreamRegistry`). */
export const UPSTREAMS: Readonly<Record<string, Upstream>> = {
  "docker-hub": {
    hosts: oneOf(...DOCKER_HUB_HOSTS),
    what: "Docker Hub",
    login: "secret",
    url: "registry-1.docker.io",
  },
  "ecr-public": { hosts: oneOf(ECR_PUBLIC), what: "Amazon ECR Public", login: "none" },
  quay: { hosts: oneOf("quay.io"), what: "Quay", login: "none" },
  k8s: { hosts: oneOf("registry.k8s.io"), what: "the Kubernetes registry", login: "none" },
  "github-container-registry": { hosts: oneOf("ghcr.io"), what: "GitHub", login: "secret" },
  "gitlab-container-registry": { hosts: oneOf("registry.gitlab.com"), what: "GitLab", login: "secret" },
  "azure-container-registry": { hosts: /^[a-z0-9]{5,50}[.]azurecr[.]io$/, what: "Azure", login: "secret" },
  chainguard: { hosts: oneOf("cgr.dev"), what: "Chainguard", login: "secret" },
  ecr: { hosts: ECR_UPSTREAM, what: "Amazon ECR", login: "role" },
};

/** A rule, resolved. */
export interface PullThroughRule {
  /** Beginning of the repositories' names in ECR, without the slash. */
  readonly prefix: string;
  /** Host as images name it, e.g. `docker.io`. */
  readonly upstream: string;
  /** Host as ECR's API wants it, e.g. `registry-1.docker.io`. */
  readonly upstreamUrl: string;
  /** Name, never value, of the secret with the login; null: none. */
  readonly secretName: string | null;
  /** Role with which ECR reads another registry of ECR; null: none. */
  readonly roleArn: string | null;
  /** Beginning of the repositories' names upstream; null: all of them. */
  readonly upstreamPrefix: string | null;
}

/** Upstream host, or host and path, to a repository's beginning in ECR: what the builder is told. */
export type PullThroughMap = Readonly<Record<string, string>>;

/** The kind of an upstream host; undefined: ECR has none for it. */
export function upstreamOf(host: string): Upstream | undefined {
  return Object.values(UPSTREAMS).find(({ hosts }) => hosts.test(host));
}

/** A host as references mean it: every spelling of Docker Hub is `docker.io`. */
export function hostAsNamed(host: string): string {
  return DOCKER_HUB_HOSTS.includes(host) ? DOCKER_HUB : host;
}

/** The key of what a rule serves, e.g. `docker.io`; `upstreamPrefix` as in {@link PullThroughRule}. */
export function keyOf(upstream: string, upstreamPrefix: string | null): string {
  return keyAsNamed(upstreamPrefix === null ? upstream : `${upstream}/${upstreamPrefix}`);
}

/** The map that follows from rules, sorted by key. Without a rule for Docker Hub, its official images go through ECR Public, which has them too. */
export function pullThroughMap(rules: readonly PullThroughRule[]): PullThroughMap {
  const served = rules.map(({ upstream, upstreamPrefix, prefix }): [string, string] => [
    keyOf(upstream, upstreamPrefix),
    prefix,
  ]);
  const official =
    hasEcrPublic(rules) && !rules.some(({ upstream }) => upstream === DOCKER_HUB) ? [OFFICIAL_IMAGES] : [];
  return Object.fromEntries([...served, ...official].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** True if the rule that a region has by default is among these. */
function hasEcrPublic(rules: readonly PullThroughRule[]): boolean {
  return rules.some(({ prefix, upstream }) => prefix === ECR_PUBLIC_PREFIX && upstream === ECR_PUBLIC);
}

/**
 * The repository in ECR that has an image of another registry: by the longest key that the image's name begins with, part by part.
 *
 * @returns null if no key serves the image, as it is with images of ECR unless a key names their host
 */
export function repositoryInEcr({ domain, path }: ImageReference, map: PullThroughMap): string | null {
  const name = `${hostAsNamed(domain)}/${path}`;
  const serving = Object.keys(map).filter((key) => name.startsWith(`${keyAsNamed(key)}/`));
  const [longest] = serving.sort((a, b) => keyAsNamed(b).length - keyAsNamed(a).length);
  return longest === undefined ? null : `${map[longest]}${name.slice(keyAsNamed(longest).length)}`;
}

/** A key of a {@link PullThroughMap} with its host as references mean it. */
export function keyAsNamed(key: string): string {
  const [host, ...path] = key.split("/") as [string, ...string[]];
  return [hostAsNamed(host), ...path].join("/");
}

/**
 * What to pull in place of an image: its name in the registry of ECR, with the tag and the digest that it has, or `latest`.
 *
 * @param registryHost host of the account's registry, e.g. `123456789012.dkr.ecr.eu-west-1.amazonaws.com`
 * @returns null if no key serves the image, or if it is in that registry already
 */
export function throughEcr(reference: ImageReference, map: PullThroughMap, registryHost: string): string | null {
  const repository = reference.domain === registryHost ? null : repositoryInEcr(reference, map);
  if (repository === null) return null;
  const tag = reference.tag ?? (reference.digest === null ? "latest" : null);
  const digest = reference.digest === null ? "" : `@${reference.digest}`;
  return `${registryHost}/${repository}${tag === null ? "" : `:${tag}`}${digest}`;
}
