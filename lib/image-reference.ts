/**
 * Image references by the grammar of distribution/reference: parsed, normalised as Docker does, and written as the
 * lines of the contract, `REFERENCE[ optional][ warm=whole][ smoke=COMMAND]`.
 */
import { createHash } from "node:crypto";

/** An image reference, normalised: `python` is docker.io, library/python. */
export interface ImageReference {
  /** Host of the registry, with its port if it has one. */
  readonly domain: string;
  /** Repository. */
  readonly path: string;
  readonly tag: string | null;
  /** `sha256:…`; if it is given, the tag is only a comment. */
  readonly digest: string | null;
}

/** One image of a cache. */
export interface ImageEntry {
  /** As workers will ask for it. */
  readonly reference: string;
  /** A build goes on without it if it cannot be pulled. */
  readonly optional: boolean;
  /** What workers read ahead: what a start touches, or every file of the image. */
  readonly warm: "start" | "whole";
  /** Command that proves it; null: it is only started. */
  readonly smoke: string | null;
}

const DEFAULT_DOMAIN = "docker.io";
const LEGACY_DOMAIN = "index.docker.io";
/** Namespace of Docker Hub's official images. */
const OFFICIAL = "library/";
/** Longest repository that registries take. */
export const PATH_MAXIMUM = 255;

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
/** Patterns of a reference's parts. RE2 reads them too. */
export const REFERENCE_PATTERN = {
  domain: new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`),
  path: new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`),
  tag: /^\w[\w.-]{0,127}$/,
  digest: /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/,
  imageId: /^[a-f0-9]{64}$/,
} as const;

/** Returns what is wrong with a reference, or undefined if nothing is. */
export function imageReferenceProblem(text: string): string | undefined {
  const { domain, path, tag, digest } = split(text);
  if (REFERENCE_PATTERN.imageId.test(text)) return "64 hex digits are an image id, not a reference";
  if (!REFERENCE_PATTERN.domain.test(domain)) return `"${domain}" is no registry host`;
  if (path !== path.toLowerCase()) return `the repository "${path}" must be lower case`;
  if (!REFERENCE_PATTERN.path.test(path)) return `"${path}" is no repository name`;
  if (path.length > PATH_MAXIMUM) return `the repository has ${path.length} characters, over ${PATH_MAXIMUM}`;
  if (tag !== null && !REFERENCE_PATTERN.tag.test(tag)) return `"${tag}" is no tag`;
  if (digest !== null && !REFERENCE_PATTERN.digest.test(digest))
    return `"${digest}" is no digest such as sha256: and 64 hex digits`;
  return undefined;
}

/** Parses and normalises a reference. Throws an Error that says what is wrong with it. */
export function parseImageReference(text: string): ImageReference {
  const problem = imageReferenceProblem(text);
  if (problem !== undefined) throw new Error(`image reference "${text}": ${problem}`);
  return split(text);
}

/** The parts of a reference as Docker takes them apart, valid or not. */
function split(text: string): ImageReference {
  const at = text.indexOf("@");
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  const name = tagged ? named.slice(0, colon) : named;
  return {
    ...splitName(name),
    tag: tagged ? named.slice(colon + 1) : null,
    digest: at < 0 ? null : text.slice(at + 1),
  };
}

/**
 * Splits a name at its first slash. The part before it is a host if it could not be a namespace: it has a dot, a colon, a
 * capital, or is localhost.
 */
function splitName(name: string): { domain: string; path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = slash > 0 && (/[.:A-Z]/.test(first) || first === "localhost");
  const given = isHost ? first : DEFAULT_DOMAIN;
  const domain = given === LEGACY_DOMAIN ? DEFAULT_DOMAIN : given;
  const path = isHost ? name.slice(slash + 1) : name;
  return { domain, path: domain === DEFAULT_DOMAIN && !path.includes("/") ? `${OFFICIAL}${path}` : path };
}

/** The full spelling, e.g. `docker.io/library/python:3.12-slim`. */
export function formatImageReference({ domain, path, tag, digest }: ImageReference): string {
  return `${domain}/${path}${tag === null ? "" : `:${tag}`}${digest === null ? "" : `@${digest}`}`;
}

/** Returns the full spelling of what `docker pull` would pull, with the tag `latest` if neither tag nor digest is given. */
export function normalizeImageReference(text: string): string {
  const parsed = parseImageReference(text);
  const tag = parsed.tag ?? (parsed.digest === null ? "latest" : null);
  return formatImageReference({ ...parsed, tag });
}

/** The line of the contract for an image. */
export function imageLine(image: string | ImageEntry): string {
  if (typeof image === "string") return image;
  const { reference, optional, warm, smoke } = image;
  return `${reference}${optional ? " optional" : ""}${warm === "whole" ? " warm=whole" : ""}${smoke === null ? "" : ` smoke=${smoke}`}`;
}

/** A line of the contract: reference, ` optional`, ` warm=whole`, smoke command. JavaScript, RE2 and the builder's bash take the same lines. */
export const IMAGE_LINE = /^(\S+)( optional)?( warm=whole)?( smoke=(\S[^\r\n]*))?$/;

/** First hex digit of the sha256 of a line's reference: the parameter that the line is in. */
export function imageGroup(line: string): string {
  return createHash("sha256").update(line.split(" ", 1)[0]!).digest("hex").charAt(0);
}

/** Lines by {@link imageGroup}, sorted and joined by newlines: the values of the image parameters. A group without lines is left out. */
export function imageGroups(lines: readonly string[]): Record<string, string> {
  const groups = new Map<string, string[]>();
  for (const line of [...lines].sort()) groups.set(imageGroup(line), [...(groups.get(imageGroup(line)) ?? []), line]);
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([x, group]) => [x, group.join("\n")]),
  );
}
