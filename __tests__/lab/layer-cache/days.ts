/** Days of builds at random, on five branches of two applications, with expiry at each midnight. */
import { DAY_MILLISECONDS } from "../../../lib/time";
import { generator } from "../random";
import type { Bucket } from "./buckets";
import { type Build, build, type End, goneBlobs } from "./builds-model";

const HOUR = DAY_MILLISECONDS / 24;
const APPS = ["shop", "web"];
const PROTECTED = ["main", "release"];
const BRANCHES = [...PROTECTED, "feature-a", "feature-b", "fix"];
/** Steps of a Dockerfile behind its base image, and how probably a build finds each changed. The last is a copy. */
const STEPS: readonly [string, number][] = [
  ["tools", 0.03],
  ["dependencies", 0.1],
  ["compile", 0.5],
  ["copy", 0.7],
];

/** What is lived through. */
export interface Life {
  readonly seed: number;
  readonly days: number;
  readonly bucket: Bucket;
  readonly buildsPerDay: number;
  /** Days that S3 takes at most to remove what has expired; how many, is drawn for each object. */
  readonly lateDays: number;
  now(): Date;
  setTo(time: Date): void;
  /** Done at the end of each day, from 1 on, when all that is due is gone. */
  midnight?(day: number): Promise<void>;
}

/** What happened. */
export interface Lived {
  readonly ends: Record<End | "killed", number>;
  /** Each thing that was wrong once, with its moment. */
  readonly gone: string[];
  readonly expired: { manifests: number; blobs: number };
}

interface Running {
  readonly steps: AsyncGenerator<void, End>;
  at: number;
  /** Requests after which its machine dies. */
  lives: number;
}

/** Lives through the days. Whether a manifest names a blob that is gone is looked at after each expiry and each end of a build. */
export async function live(life: Life): Promise<Lived> {
  const random = generator(life.seed);
  const ends = { exported: 0, failed: 0, "not exported": 0, killed: 0 };
  const lived: Lived = { ends, gone: [], expired: { manifests: 0, blobs: 0 } };
  const next = builds(random);
  const isLate = lateness(life, random);
  const begin = life.now().getTime();
  const waits = (mean: number) => -Math.log(1 - random()) * mean;
  let arrival = begin;
  let midnight = (Math.floor(begin / DAY_MILLISECONDS) + 1) * DAY_MILLISECONDS;
  const running: Running[] = [];
  const look = async () => {
    for (const what of await goneBlobs(life.bucket)) lived.gone.push(`${life.now().toISOString()}: ${what}`);
  };
  while (midnight <= begin + life.days * DAY_MILLISECONDS) {
    const one = running.sort((a, b) => a.at - b.at)[0];
    const time = Math.min(arrival, midnight, one?.at ?? Number.POSITIVE_INFINITY);
    life.setTo(new Date(time));
    if (time === midnight) {
      for (const key of await life.bucket.expire(isLate))
        lived.expired[key.includes("/blobs/") ? "blobs" : "manifests"]++;
      await look();
      await life.midnight?.(Math.ceil((midnight - begin) / DAY_MILLISECONDS));
      midnight += DAY_MILLISECONDS;
    } else if (time === arrival) {
      const steps = build(life.bucket, next(time), life.now);
      running.push({ steps, at: time, lives: random() < 0.05 ? Math.floor(random() * 10) : Number.POSITIVE_INFINITY });
      arrival += waits(DAY_MILLISECONDS / life.buildsPerDay);
    } else if (one) {
      const { done = true, value } = one.lives-- > 0 ? await one.steps.next() : {};
      // Most requests come one upon the other, and some wait for a step that takes hours.
      one.at += random() < 0.1 ? waits(HOUR) : waits(HOUR / 100);
      if (!done) continue;
      running.splice(running.indexOf(one), 1);
      ends[(value as End | undefined) ?? "killed"]++;
      await look();
    }
  }
  return lived;
}

/** Whether S3 is late with an object that has expired: up to so many midnights, drawn once. */
function lateness({ lateDays }: Life, random: () => number): (key: string) => boolean {
  const left = new Map<string, number>();
  return (key) => {
    const days = left.get(key) ?? Math.floor(random() * (lateDays + 1));
    if (days === 0) left.delete(key);
    else left.set(key, days - 1);
    return days > 0;
  };
}

/** Draws one build after the other: branches rest for days and weeks, find some steps changed, and take over what main has. */
function builds(random: () => number): (time: number) => Build {
  const pick = <One>(list: readonly One[]) => list[Math.floor(random() * list.length)] as One;
  const versions = new Map<string, number[]>();
  const restsUntil = new Map<string, number>();
  let fresh = 0;
  let base = 0;
  return (time) => {
    const app = pick(APPS);
    const awake = BRANCHES.filter((branch) => (restsUntil.get(`${app}/${branch}`) ?? 0) <= time);
    const branch = awake.length > 0 ? pick(awake) : pick(BRANCHES);
    const id = `${app}/${branch}`;
    if (random() < 0.08) restsUntil.set(id, time + random() * 25 * DAY_MILLISECONDS);
    if (random() < 0.01) base++;
    const ofMain = versions.get(`${app}/main`);
    const own = (random() < 0.1 && ofMain) || versions.get(id) || STEPS.map(() => 0);
    const now = own.map((version, index) => (random() < (STEPS[index]?.[1] ?? 0) ? ++fresh : version));
    versions.set(id, now);
    const steps = STEPS.map(([name], index) => `${app}-${name}-${base}.${now.slice(0, index + 1).join(".")}`);
    const isProtected = PROTECTED.includes(branch);
    const name = isProtected ? `default/${app}/${branch}` : `branches/${app}/${branch}`;
    const imports = isProtected ? [name] : [name, ...PROTECTED.map((one) => `default/${app}/${one}`)];
    return { own: name, imports, steps: [`base-${base}`, ...steps], isReproducible: (step) => step.includes("-copy-") };
  };
}
