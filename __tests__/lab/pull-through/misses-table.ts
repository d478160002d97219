/** What a worker finds in a cache that came through ECR: docs/pull-through.md says it, and tests on machines show it. */

/** How an image is asked for, how the cache has it, and with an option that says: look for a newer one. */
export interface Column {
  readonly asked: "tag" | "digest";
  readonly listed: "tag" | "digest";
  readonly pull?: true;
}
export const COLUMNS = {
  "by tag": { asked: "tag", listed: "tag" },
  "by digest, listed by it": { asked: "digest", listed: "digest" },
  "by digest, listed by tag": { asked: "digest", listed: "tag" },
  "with --pull": { asked: "tag", listed: "tag", pull: true },
} as const satisfies Record<string, Column>;

/**
 * `here`: Docker Hub may be off; it is asked for nothing, or asked in vain. `asks`: a question, no layers. `fetches`: layers, too. The
 * latter two fail if it is off.
 */
export type Verdict = "here" | "asks" | "fetches";
export type Row = "docker run" | "docker pull" | "FROM";

/** By command and store. That it does not depend on the generation of Docker is held by the tests. */
export const TABLE: Readonly<Record<string, Readonly<Partial<Record<keyof typeof COLUMNS, Verdict>>>>> = {
  "docker run, overlay2": row("here", "here", "asks", "asks"),
  "docker run, containerd": row("here", "here", "here", "asks"),
  "docker pull, overlay2": row("asks", "asks", "asks"),
  "docker pull, containerd": row("asks", "asks", "asks"),
  "FROM, overlay2": row("here", "here", "asks", "asks"),
  "FROM, containerd": row("here", "here", "asks", "asks"),
};

function row(byTag: Verdict, byDigest: Verdict, byDigestOfTag: Verdict, pull?: Verdict) {
  const always = { "by tag": byTag, "by digest, listed by it": byDigest, "by digest, listed by tag": byDigestOfTag };
  return pull ? { ...always, "with --pull": pull } : always;
}
