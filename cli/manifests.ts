/** Manifests that builds have published: what a snapshot holds, read without it. */
import { createHash } from "node:crypto";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { MANIFEST_VERSION, type Manifest, resourceNames } from "../lib/contract";
import { limit, onceEach } from "./region-ports";

/** Pages that are asked for until one holds the event: CloudWatch Logs may give empty ones first (GetLogEvents). */
const MOST_PAGES = 10;

/** A manifest that cannot be had, or is not the one that the tag names. */
export class NoManifest extends Error {
  override readonly name = "NoManifest";
}

/** Asks for a page of a stream's events, from its first on. */
export type ReadPage = (token?: string) => Promise<{ messages: string[]; next?: string }>;

const logsOf = onceEach((region) => new CloudWatchLogsClient({ region }));

/** A page of a stream in AWS. */
function pagesOf(region: string, logGroupName: string, logStreamName: string): ReadPage {
  return async (nextToken) => {
    const input = { logGroupName, logStreamName, startFromHead: true, nextToken };
    const page = await limit(() => logsOf(region).send(new GetLogEventsCommand(input)));
    return { messages: (page.events ?? []).flatMap(({ message }) => message ?? []), next: page.nextForwardToken };
  };
}

/**
 * Returns the manifest in a stream of one event.
 *
 * @param sha256 Value of the snapshot's tag `docker-cache:manifest`: it decides that this is the manifest, and that nobody has changed it.
 * @throws NoManifest if there is none, or another
 */
export async function manifestIn(read: ReadPage, sha256: string): Promise<Manifest> {
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { messages, next } = await read(token);
    const found = messages.find((message) => createHash("sha256").update(message).digest("hex") === sha256);
    if (found !== undefined) return checkVersion(JSON.parse(found) as Manifest);
    if (messages.length > 0) throw new NoManifest(`what is published as ${sha256} has another SHA-256: it was changed`);
    // The last page names itself as the next one.
    if (next === undefined || next === token) break;
    token = next;
  }
  throw new NoManifest(`no manifest is published as ${sha256}`);
}

function checkVersion(manifest: Manifest): Manifest {
  if (manifest.version === MANIFEST_VERSION || manifest.version === MANIFEST_VERSION - 1) return manifest;
  throw new NoManifest(`the manifest has version ${manifest.version}, and this command reads ${MANIFEST_VERSION}`);
}

/**
 * Reads a snapshot's manifest where the cache is built.
 *
 * @param region The building region: for a copy, the one that it was copied from.
 * @param sha256 Value of the snapshot's tag; undefined if it has none.
 * @throws NoManifest if it cannot be had
 */
export async function readManifest(
  region: string,
  cache: { readonly name: string; readonly architecture: string },
  sha256: string | undefined,
): Promise<Manifest> {
  if (!/^[0-9a-f]{64}$/.test(sha256 ?? "")) throw new NoManifest("the snapshot's tags name no manifest");
  const group = resourceNames(cache.name, cache.architecture, region).manifestLogGroup;
  try {
    return await manifestIn(pagesOf(region, group, sha256!), sha256!);
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException")
      throw new NoManifest(`no manifest is published as ${sha256} in ${group} of ${region}`);
    throw error;
  }
}
