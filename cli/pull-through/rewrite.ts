/** What to pull in place of an image, with the reason if that is the image itself. */
import { type ImageReference, imageReferenceProblem, parseImageReference } from "../../lib/image-reference";
import {
  DOCKER_HUB,
  ECR_PUBLIC,
  type PullThroughMap,
  type PullThroughRule,
  pullThroughMap,
  throughEcr,
} from "../../lib/pull-through";
import { UsageError } from "../usage-error";

/** An image, and what to pull in its place. */
export interface Rewritten {
  /** As it was given. */
  readonly reference: string;
  /** As it is to be pulled: through ECR, or as it was given. */
  readonly pull: string;
  /** Why it is not served through ECR, or what limits that; null: nothing to say. */
  readonly note: string | null;
}

/** @throws UsageError with the reason if a text is no reference; nothing is rewritten then */
export function assertReferences(references: readonly string[]): void {
  const problems = references.flatMap((text) => {
    const problem = imageReferenceProblem(text);
    return problem === undefined ? [] : [`image reference "${text}": ${problem}`];
  });
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
}

/** Rewrites valid references for a registry. */
export function rewrite(references: readonly string[], rules: readonly PullThroughRule[], host: string): Rewritten[] {
  const map = pullThroughMap(rules);
  return references.map((reference) => rewriteOne(reference, map, host));
}

function rewriteOne(reference: string, map: PullThroughMap, host: string): Rewritten {
  const parsed = parseImageReference(reference);
  const pull = throughEcr(parsed, map, host);
  if (pull === null) return { reference, pull: reference, note: reasonOf(parsed, map, host) };
  const problem = imageReferenceProblem(pull);
  if (problem !== undefined) return { reference, pull: reference, note: `its name in ECR is no name: ${problem}` };
  return {
    reference,
    pull,
    note: parsed.digest === null ? null : "ECR serves a digest only once a tag has brought it",
  };
}

/** Why no rule serves an image. */
function reasonOf({ domain, path }: ImageReference, map: PullThroughMap, host: string): string {
  if (domain === host) return "it is in this registry already";
  const keys = Object.keys(map);
  if (domain === DOCKER_HUB && !path.startsWith("library/") && map[ECR_PUBLIC] !== undefined)
    return "no rule serves Docker Hub; without one ECR Public has its official images alone";
  return `no rule serves ${domain}/${path}; rules serve ${keys.length > 0 ? keys.join(", ") : "nothing"}`;
}
