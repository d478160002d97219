/** What lies in the repositories of pull-through, and for how long still. */
import { DAY_MILLISECONDS } from "../../lib/time";
import type { StoredImage } from "./ecr";

/** One repository. */
export interface Contents {
  readonly name: string;
  /** True if a template of ours has made it: then it expires by our rule. */
  readonly ours: boolean;
  /** Images with a digest of their own, indexes among them. */
  readonly images: number;
  /** Compressed bytes of all images; layers that they share are counted with each, and billed once. */
  readonly bytes: number;
  /** Time of the last push, ISO 8601; null if there is no image. */
  readonly lastPush: string | null;
  /** Days until the image that was pushed last expires; null: never, or there is none. ECR looks once a day. */
  readonly daysLeft: number | null;
}

/** Sums up a repository's images. */
export function contentsOf(
  { name, ours }: Pick<Contents, "name" | "ours">,
  images: readonly StoredImage[],
  expireAfterDays: number | null,
  now: Date,
): Contents {
  const pushes = images.flatMap(({ pushedAt }) => (pushedAt === null ? [] : [pushedAt.getTime()]));
  const last = pushes.length > 0 ? Math.max(...pushes) : null;
  return {
    name,
    ours,
    images: images.length,
    bytes: images.reduce((sum, { bytes }) => sum + bytes, 0),
    lastPush: last === null ? null : new Date(last).toISOString(),
    daysLeft: last === null || expireAfterDays === null || !ours ? null : daysLeft(last, expireAfterDays, now),
  };
}

function daysLeft(pushed: number, expireAfterDays: number, now: Date): number {
  const past = (now.getTime() - pushed) / DAY_MILLISECONDS;
  return Math.max(0, Math.ceil(expireAfterDays - past));
}

/** Sums of several repositories. */
export interface Totals {
  readonly repositories: number;
  readonly images: number;
  readonly bytes: number;
}

/** Adds up. */
export function totalsOf(all: readonly Contents[]): Totals {
  return {
    repositories: all.length,
    images: all.reduce((sum, { images }) => sum + images, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** `docker-hub/library/debian: 3 images, 120 MB, last push 2026-11-30, 28 days left` */
export function lineOf({ name, ours, images, bytes, lastPush, daysLeft: left }: Contents): string {
  const end = left === null ? "never expires by our rule" : `${left} days left`;
  const parts = [
    ...sizeOf({ images, bytes }),
    ...(lastPush === null ? ["nothing pushed"] : [`last push ${lastPush.slice(0, 10)}`, end]),
    ...(ours ? [] : ["without our tags"]),
  ];
  return `${name}: ${parts.join(", ")}`;
}

/** `3 images`, `120 MB` */
export function sizeOf({ images, bytes }: Pick<Totals, "images" | "bytes">): string[] {
  return [`${images} images`, `${(bytes / 1e6).toFixed(0)} MB`];
}
