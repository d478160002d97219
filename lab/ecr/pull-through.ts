/** ECR's pull-through cache: what is asked for below a rule's prefix is fetched from the rule's upstream registry, and kept. */
import { HOUR_MILLISECONDS } from "../../lib/time";
import type { Backend } from "./backend";
import { isDigest } from "./call";
import { authorize, type Place } from "./caller";
import { templateOf } from "./create-repository";
import { findImage, hasRepository, repositoryOf } from "./images";
import { type Fetching, fetchTag } from "./import";
import type { Exchange } from "./push";
import { denied, manifestUnknown, nameUnknown, RegistryError } from "./registry-error";
import { ruleFor } from "./rules";
import { ImportError, type UpstreamRoute } from "./upstream";

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

const CHECKED_EVERY_HOURS = 24;

/** The cache of all registries. */
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
      const cached = hasRepository(caller, repository) && (await findImage(caller, repository, tag)) !== undefined;
      if (cached && !isDue(caller, repository, tag)) return;
      if (!cached && request.method === "HEAD" && settings.headOfUncached === "404") return;
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
  const checked = repositoryOf({ aws, region }, repository).checkedAt.get(tag)?.getTime() ?? 0;
  return aws.now().getTime() - checked >= CHECKED_EVERY_HOURS * HOUR_MILLISECONDS;
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
