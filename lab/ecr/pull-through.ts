/** ECR's pull-through cache: what is asked for below a rule's prefix is fetched from the rule's upstream registry, and kept. */
import { randomUUID } from "node:crypto";
import { HOUR_MILLISECONDS } from "../../lib/time";
import { AwsError } from "../aws/aws-error";
import { eventTime } from "../aws/services/ec2/events";
import { loginIn, type UpstreamLogin } from "../aws/services/ecr/pull-through-rules";
import type { PullThroughRule } from "../aws/state";
import { type Backend, expectStatus } from "./backend";
import { isDigest } from "./call";
import { authorize, type Caller, type Place } from "./caller";
import { createRepository, templateOf } from "./create-repository";
import { findImage, hasRepository, isAvailable, type Manifest, namedBy, putImage, repositoryOf } from "./images";
import { type Exchange, nameBehind } from "./push";
import { denied, manifestUnknown, nameUnknown, RegistryError } from "./registry-error";
import { ImportError, type Upstream, type UpstreamRoute, upstreamAt } from "./upstream";

/** What of ECR's cache is not known, and may be either. */
export interface PullThroughSettings {
  /** What HEAD does for a tag that is not cached: fetches it like GET, or answers 404. To be checked at the first live deployment. */
  headOfUncached: "import" | "404";
  /** An upstream registry that sends nothing for so long has failed. */
  upstreamTimeoutMilliseconds: number;
}

/** Prepares what is asked for. */
export interface PullThrough {
  /** Fetches a tag if it is not cached, or was last looked for a day ago. @throws RegistryError if it cannot be had, and is not cached */
  prepare(exchange: Exchange, reference: string): Promise<void>;
}

/** An image that is to be fetched. */
interface Import {
  readonly caller: Caller;
  readonly repository: string;
  readonly tag: string;
  readonly rule: PullThroughRule;
  readonly upstream: Upstream;
}

const CHECKED_EVERY_HOURS = 24;
/** The prefix of a rule, or of a template, that stands for all names that no other has. */
const ROOT = "ROOT";

/** The rule that a repository's name falls under: that of the longest prefix. */
export function ruleFor(rules: readonly PullThroughRule[], repository: string): PullThroughRule | undefined {
  const fitting = rules.filter(({ ecrRepositoryPrefix: prefix }) => repository.startsWith(`${prefix}/`));
  const [longest] = fitting.sort((a, b) => b.ecrRepositoryPrefix.length - a.ecrRepositoryPrefix.length);
  return longest ?? rules.find(({ ecrRepositoryPrefix }) => ecrRepositoryPrefix === ROOT);
}

/** The repository that a rule takes a name from. */
export function upstreamRepository(
  { ecrRepositoryPrefix, upstreamRepositoryPrefix: upstream = ROOT }: PullThroughRule,
  repository: string,
): string {
  const path = ecrRepositoryPrefix === ROOT ? repository : repository.slice(ecrRepositoryPrefix.length + 1);
  return upstream === ROOT ? path : `${upstream}/${path}`;
}

export function pullThrough(backend: Backend, route: UpstreamRoute, settings: PullThroughSettings): PullThrough {
  const running = new Map<string, Promise<void>>();
  const once: Fetching["once"] = (key, work) => {
    const found = running.get(key) ?? work().finally(() => running.delete(key));
    running.set(key, found);
    return found;
  };
  return {
    async prepare({ caller, repository, request }, tag) {
      const rule = ruleFor(Object.values(caller.aws.state(caller.region).pullThroughRules), repository);
      // By digest it fetches nothing, not even what it could verify (aws/containers-roadmap#2837).
      if (!rule || isDigest(tag)) return;
      if (request.method === "HEAD" && settings.headOfUncached === "404") return;
      const cached = hasRepository(caller, repository) && (await findImage(caller, repository, tag)) !== undefined;
      if (cached && !isDue(caller, repository, tag)) return;
      // Of a cached image, too: whether AWS would rather serve what it has to a role that may not import is not known.
      await authorize(caller, "BatchImportUpstreamImage", repository);
      // The template's tags take `ecr:TagResource` of the caller, too, if the Service Authorization Reference is to be believed: it lists it for BatchGetImage.
      const tags = templateOf(caller, repository)?.resourceTags ?? [];
      if (!hasRepository(caller, repository)) await authorize(caller, "CreateRepository", repository, { tags });
      try {
        await once(`${caller.region} ${repository}:${tag}`, () =>
          fetchTag({ backend, route, once }, { caller, repository, tag, rule }),
        );
      } catch (error) {
        if (!cached) throw answerTo(error as Error, caller, repository);
      }
    },
  };
}

function isDue({ aws, region }: Place, repository: string, tag: string): boolean {
  const checked = repositoryOf({ aws, region }, repository).checkedAt[tag]?.getTime() ?? 0;
  return aws.now().getTime() - checked >= CHECKED_EVERY_HOURS * HOUR_MILLISECONDS;
}

/** What fetching takes. */
interface Fetching {
  readonly backend: Backend;
  readonly route: UpstreamRoute;
  /** Does work that several may ask for at once, by a key. */
  once(key: string, work: () => Promise<void>): Promise<void>;
}

/** Asks the upstream registry for a tag and keeps what it names; tells of it either way. */
async function fetchTag({ backend, route, once }: Fetching, wanted: Omit<Import, "upstream">): Promise<void> {
  const { caller, repository, tag, rule } = wanted;
  try {
    const login = await loginOf(caller, rule);
    const upstream = upstreamAt(route, hostOf(rule), upstreamRepository(rule, repository), login);
    const manifest = await upstream.manifest(tag);
    // For another tag of it, too.
    const create = () => createRepository(caller, repository);
    if (!hasRepository(caller, repository)) await once(`${caller.region} ${repository}`, create);
    await keep(backend, { ...wanted, upstream }, manifest);
    const former = await findImage(caller, repository, tag);
    if (former?.digest !== manifest.digest) await putImage(caller, repository, manifest, tag);
    repositoryOf(caller, repository).checkedAt[tag] = caller.aws.now();
    await tell(wanted, { "sync-status": "SUCCESS", "image-digest": manifest.digest });
  } catch (error) {
    const [code, reason] = [
      error instanceof ImportError ? error.failureCode : (error as Error).name,
      (error as Error).message,
    ];
    await tell(wanted, { "sync-status": "FAILURE", "failure-code": code, "failure-reason": reason });
    throw error;
  }
}

/** Keeps all that a manifest names: layers, and with an index the images of all platforms. */
async function keep(backend: Backend, wanted: Import, manifest: Manifest): Promise<void> {
  const { caller, repository, upstream } = wanted;
  const { blobs, manifests } = namedBy(manifest.text);
  for (const digest of blobs)
    if (!(await isAvailable(caller, repository, digest))) await keepLayer(backend, wanted, digest);
  for (const digest of manifests) {
    const image = await upstream.manifest(digest);
    await keep(backend, wanted, image);
    await putImage(caller, repository, image, undefined);
  }
}

async function keepLayer(backend: Backend, { caller, repository, upstream }: Import, digest: string): Promise<void> {
  const begun = await backend.send({
    method: "POST",
    path: `/v2/${nameBehind({ caller, repository })}/blobs/uploads/`,
    headers: { "content-length": 0 },
  });
  await expectStatus(begun, "the upload of an imported layer", 202);
  begun.resume();
  const location = new URL(begun.headers.location ?? "", "http://registry");
  location.searchParams.set("digest", digest);
  const body = await upstream.layer(digest);
  const headers = { "content-type": "application/octet-stream", "transfer-encoding": "chunked" };
  const path = location.pathname + location.search;
  const answer = await backend.send({ method: "PUT", path, headers, body }).catch((error: Error) => {
    throw new ImportError("UnableToGetUpstreamLayer", `${digest}: ${error.message}`);
  });
  answer.resume();
  // It compares what has come with the digest.
  if (answer.statusCode !== 201) throw new ImportError("UnableToGetUpstreamLayer", `${digest} came otherwise`);
  repositoryOf(caller, repository).uploaded.add(digest);
}

/** The host of a rule's registry. Another ECR as upstream is not emulated. */
function hostOf({ upstreamRegistry, upstreamRegistryUrl: url }: PullThroughRule): string {
  if (upstreamRegistry === "ecr" || /\.dkr\.ecr\./.test(url))
    throw new ImportError("UnsupportedUpstreamRegistry", `${url}: an ECR as upstream registry is not emulated`);
  return url;
}

/** The login in a rule's secret, which ECR reads by its service-linked role. */
async function loginOf({ aws, region }: Place, { credentialArn }: PullThroughRule): Promise<UpstreamLogin | undefined> {
  if (credentialArn === undefined) return undefined;
  const target = { service: "secretsmanager", action: "GetSecretValue", region };
  try {
    const { SecretString = "" } = await aws.moto<{ SecretString?: string }>(target, { SecretId: credentialArn });
    const login = loginIn(SecretString);
    if (login) return login;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
  throw new ImportError("UnableToAccessSecret", `${credentialArn} holds no JSON with username and accessToken`);
}

/** ECR's event of an import (ECR User Guide, "Amazon ECR events and EventBridge"); which failure codes there are is not documented. */
async function tell(
  { caller, repository, tag, rule }: Omit<Import, "upstream">,
  result: Record<string, string>,
): Promise<void> {
  const { aws, region } = caller;
  await aws.hooks.raise("Event", {
    version: "0",
    id: randomUUID(),
    "detail-type": "ECR Pull Through Cache Action",
    source: "aws.ecr",
    account: aws.accountId,
    time: eventTime(aws.now()),
    region,
    resources: [`arn:${aws.partition}:ecr:${region}:${aws.accountId}:repository/${repository}`],
    detail: {
      "rule-version": "1",
      "ecr-repository-prefix": rule.ecrRepositoryPrefix,
      "repository-name": repository,
      "upstream-registry-url": rule.upstreamRegistryUrl,
      "image-tag": tag,
      ...result,
    },
  });
}

/** What a client is answered that asked for an image which could not be fetched. */
function answerTo(error: Error, place: Place, repository: string): Error {
  if (!(error instanceof ImportError)) return error;
  const { upstreamStatus: status, message } = error;
  if (status === 404)
    return hasRepository(place, repository) ? manifestUnknown() : nameUnknown(repository, place.aws.accountId);
  if (status === 401 || status === 403 || error.failureCode === "UnableToAccessSecret")
    return denied(`authentication to the upstream registry failed: ${message}`);
  if (status === 429) return new RegistryError(429, "TOOMANYREQUESTS", message);
  return new RegistryError(500, "UNKNOWN", message);
}
