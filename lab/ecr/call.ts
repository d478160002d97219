/** Calls of the Distribution API, as ECR takes them. */

/** A call of the registry, by its path. */
export type RegistryCall =
  | { readonly kind: "version" }
  | { readonly kind: "manifest"; readonly repository: string; readonly reference: string }
  | { readonly kind: "blob"; readonly repository: string; readonly digest: string }
  | { readonly kind: "uploads"; readonly repository: string }
  | { readonly kind: "upload"; readonly repository: string; readonly upload: string }
  | { readonly kind: "tags"; readonly repository: string };

/** Calls that are about a repository. */
export type RepositoryCall = Exclude<RegistryCall, { readonly kind: "version" }>;

/** By the API's model: words with one dot, one or two underscores, or any dashes between them. */
const NAME = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const REPOSITORY = `(?<repository>(?:${NAME}/)*${NAME})`;
const REFERENCE = "(?<reference>\\w[\\w.-]{0,127}|sha256:[0-9a-f]{64})";

const PATHS: readonly [RegistryCall["kind"], RegExp][] = [
  ["version", /^\/v2\/?$/],
  ["manifest", new RegExp(`^/v2/${REPOSITORY}/manifests/${REFERENCE}$`)],
  ["blob", new RegExp(`^/v2/${REPOSITORY}/blobs/(?<digest>sha256:[0-9a-f]{64})$`)],
  ["uploads", new RegExp(`^/v2/${REPOSITORY}/blobs/uploads/?$`)],
  ["upload", new RegExp(`^/v2/${REPOSITORY}/blobs/uploads/(?<upload>[\\w-]+)$`)],
  ["tags", new RegExp(`^/v2/${REPOSITORY}/tags/list$`)],
];

/** The call of a path without query; undefined if ECR has none there. */
export function callOf(path: string): RegistryCall | undefined {
  for (const [kind, pattern] of PATHS) {
    const found = pattern.exec(path);
    if (found) return { kind, ...found.groups } as RegistryCall;
  }
  return undefined;
}

/** By `METHOD kind`: the actions of ECR that IAM has to allow. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "GET manifest": ["BatchGetImage"],
  "HEAD manifest": ["BatchGetImage"],
  "PUT manifest": ["PutImage"],
  "GET blob": ["GetDownloadUrlForLayer"],
  "HEAD blob": ["BatchCheckLayerAvailability"],
  "POST uploads": ["InitiateLayerUpload"],
  "GET upload": ["UploadLayerPart"],
  "PATCH upload": ["UploadLayerPart"],
  "PUT upload": ["CompleteLayerUpload"],
  "GET tags": ["ListImages"],
};

/**
 * The actions that a call takes; undefined if it is not emulated. ECR deletes manifests by this API, too (aws/containers-roadmap#1229).
 *
 * @param hasBody true if the request brings bytes: the last part of a layer may come with the call that completes it
 */
export function actionsOf(method: string, { kind }: RepositoryCall, hasBody: boolean): readonly string[] | undefined {
  const actions = ACTIONS[`${method} ${kind}`];
  return kind === "upload" && method === "PUT" && hasBody ? ["UploadLayerPart", ...(actions ?? [])] : actions;
}

/** True if a reference is a digest, and not a tag. */
export function isDigest(reference: string): boolean {
  return reference.startsWith("sha256:");
}
