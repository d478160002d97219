/** Errors of the registry, by the codes of the Distribution specification and in ECR's words. */

/** An error that a client is answered. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The body of an error. */
export function errorBody({ code, message }: { readonly code: string; readonly message: string }): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

export const denied = (message: string) => new RegistryError(403, "DENIED", message);

export const nameUnknown = (repository: string, registryId: string) =>
  new RegistryError(
    404,
    "NAME_UNKNOWN",
    `The repository with name '${repository}' does not exist in the registry with id '${registryId}'`,
  );

export const manifestUnknown = () => new RegistryError(404, "MANIFEST_UNKNOWN", "Requested image not found");

export const blobUnknown = (digest: string) =>
  new RegistryError(404, "BLOB_UNKNOWN", `The layer ${digest} is not here`);

/** A manifest that names what the repository does not hold. */
export const incomplete = (digest: string) =>
  new RegistryError(400, "MANIFEST_BLOB_UNKNOWN", `The manifest names ${digest}, which the repository does not hold`);

export const unsupported = (what: string) => new RegistryError(405, "UNSUPPORTED", `${what} is not supported`);
