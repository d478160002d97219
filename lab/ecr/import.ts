/** Imports of the pull-through cache: from the upstream registry into a repository, with all that the image names. */
import { AwsError } from "../aws/aws-error";
import { emit } from "../aws/services/ec2/events";
import { loginIn, type UpstreamLogin } from "../aws/services/ecr/pull-through-rules";
import type { PullThroughRule } from "../aws/state";
import { type Backend, expectStatus } from "./backend";
import type { Caller, Place } from "./caller";
import { createRepository } from "./create-repository";
import { findImage, hasRepository, type Manifest, missingLayers, namedBy, putImage, repositoryOf } from "./images";
import { beginUpload } from "./push";
import { upstreamRepository } from "./rules";
import { ImportError, type Upstream, type UpstreamRoute, upstreamAt } from "./upstream";

/** An image that is to be fetched. */
interface Import {
  readonly caller: Caller;
  readonly repository: string;
  readonly tag: string;
  readonly rule: PullThroughRule;
  readonly upstream: Upstream;
}

/** What fetching takes. */
export interface Fetching {
  readonly backend: Backend;
  readonly route: UpstreamRoute;
  /** Does work that several may ask for at once, by a key. */
  once(key: string, work: () => Promise<void>): Promise<void>;
}

/** Asks the upstream registry for a tag and keeps what it names; tells of it either way. */
export async function fetchTag({ backend, route, once }: Fetching, wanted: Omit<Import, "upstream">): Promise<void> {
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
    repositoryOf(caller, repository).checkedAt.set(tag, caller.aws.now());
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
  for (const digest of await missingLayers(caller, repository, blobs)) await keepLayer(backend, wanted, digest);
  for (const digest of manifests) {
    const image = await upstream.manifest(digest);
    await keep(backend, wanted, image);
    await putImage(caller, repository, image, undefined);
  }
}

async function keepLayer(backend: Backend, { caller, repository, upstream }: Import, digest: string): Promise<void> {
  const begun = await beginUpload({ backend, caller, repository });
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
  await emit(aws, {
    "detail-type": "ECR Pull Through Cache Action",
    source: "aws.ecr",
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
