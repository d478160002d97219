/**
 * The caller's rights, by a pull that harms nothing: of an image that ECR has below the prefix already, and by digest, since a tag makes ECR ask the
 * upstream again after a day. Where nothing is cached yet no pull is tried: one that fails would set off the alarm of the rule, and one that works
 * makes a repository that costs.
 */
import type { EcrPorts, Login, Repository } from "./ecr";
import type { AskRegistry, RegistryAnswer } from "./registry-http";

/** What became of the pull. */
export interface Trial {
  /** What was pulled, or why nothing was. */
  readonly what: string;
  /** Why it failed; null: it did not, or was not tried. */
  readonly failure: string | null;
}

/** An image below a prefix: of the first repository that has any the one pushed last, and no index if there is an image with layers. */
async function findImage(ecr: EcrPorts, below: readonly Repository[]) {
  for (const { name } of below) {
    const images = (await ecr.imagesOf(name)) ?? [];
    const [newest] = [...images].sort(
      (a, b) => Number(a.isIndex) - Number(b.isIndex) || (b.pushedAt?.getTime() ?? 0) - (a.pushedAt?.getTime() ?? 0),
    );
    if (newest) return { name, digest: newest.digest };
  }
  return undefined;
}

/** Pulls the manifest, and asks for the way to one blob of it, as Docker does. */
export async function tryPull(
  ecr: EcrPorts,
  below: readonly Repository[],
  login: Login,
  ask: AskRegistry,
): Promise<Trial> {
  const image = await findImage(ecr, below);
  if (image === undefined) return { what: "no pull was tried: nothing is cached below it yet", failure: null };
  const what = `pulled ${image.name}@${image.digest}`;
  try {
    const url = (kind: string, digest: string) => `${login.registryUrl}/v2/${image.name}/${kind}/${digest}`;
    const manifest = await ask(url("manifests", image.digest), login.authorization);
    // It was deleted meanwhile.
    if (manifest.status === 404) return { what: `no pull was tried: ${image.name} is gone again`, failure: null };
    if (manifest.status !== 200) return { what, failure: refusalIn(manifest) };
    const blob = configOf(manifest.body);
    if (blob === undefined) return { what, failure: null };
    const answer = await ask(url("blobs", blob), login.authorization);
    return { what, failure: answer.status < 400 ? null : refusalIn(answer) };
  } catch (error) {
    return { what, failure: `the registry does not answer: ${messageOf(error)}` };
  }
}

/** Digest of an image's configuration; undefined of an index, which has none. */
function configOf(manifest: string): string | undefined {
  return (JSON.parse(manifest) as { config?: { digest?: string } }).config?.digest;
}

/** The registry's words: `403 DENIED: User … is not authorized`. */
function refusalIn({ status, body }: RegistryAnswer): string {
  try {
    const { errors: [first] = [] } = JSON.parse(body) as { errors?: { code?: string; message?: string }[] };
    return first ? `${status} ${first.code}: ${first.message}` : `${status}`;
  } catch {
    return `${status} ${body.slice(0, 200).trim()}`;
  }
}

/** fetch hides what went wrong in the cause. */
function messageOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
