/** The registry's own API, as Docker speaks it. */

/** An answer, not followed if it leads elsewhere. */
export interface RegistryAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks for something of the registry by a path of its API, e.g. `/v2/`. @throws if it does not answer in time */
export type AskRegistry = (url: string, authorization: string) => Promise<RegistryAnswer>;

const TIMEOUT_MILLISECONDS = 10_000;
/** What a manifest may be: an image or an index, of either format. */
const ACCEPT = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");

/** Asks by HTTPS. A redirection to a layer is an answer: what is behind it is S3, and bytes that nobody needs. */
export const askRegistry: AskRegistry = async (url, authorization) => {
  const answer = await fetch(url, {
    headers: { accept: ACCEPT, authorization },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  return { status: answer.status, body: await answer.text() };
};
