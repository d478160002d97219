/** What builds cost with and without pull-through. Parts are rounded to cents before they are added, so that what is printed adds up. */
import { ECR_FREE_GB, PRICES } from "../../lib/prices";

/** What is reckoned. Money is in USD. */
export interface Assumptions {
  readonly buildsPerDay: number;
  /** Minutes of a build that pulls from the upstream registries. */
  readonly minutes: number;
  /** Minutes of a build that pulls through ECR. */
  readonly minutesWithCache: number;
  readonly pricePerMinute: number;
  /** Images in ECR. */
  readonly images: number;
  /** Compressed size of each, in MB of a million bytes. */
  readonly imageMb: number;
  readonly days: number;
  /** GB that builds pull from another region, in all. */
  readonly crossRegionGb: number;
  /** Whether the first {@link ECR_FREE_GB} of storage are free. */
  readonly freeTier: boolean;
}

/** Those of the command, if nothing else is said. Their minutes are an example; a stopwatch tells yours. */
export const ASSUMPTIONS: Assumptions = {
  buildsPerDay: 3,
  minutes: 8,
  minutesWithCache: 7.5,
  pricePerMinute: PRICES.codebuildMediumMinute.usd,
  images: 5,
  imageMb: 80,
  days: 30,
  crossRegionGb: 0,
  freeTier: false,
};

/** Costs of all days together, in USD. */
export interface Costs {
  /** Rounded to cents. */
  readonly without: number;
  /** Minutes of builds that pull through ECR; rounded to cents. */
  readonly compute: number;
  /** Rounded to cents. */
  readonly storage: number;
  /** Rounded to cents. */
  readonly transfer: number;
  /** Sum of the three above. */
  readonly with: number;
  /** Without less with; below 0: it costs more than it saves. */
  readonly saved: number;
  /** Storage of one image and of all of them, not rounded. */
  readonly imageStorage: number;
  readonly allStorage: number;
  /** Builds a day from which on it saves something, not rounded; 0: always. null: never. */
  readonly breakEven: number | null;
}

const MB_PER_GB = 1000;
const DAYS_PER_MONTH = 30;

/** The costs that follow. */
export function costsOf(given: Assumptions): Costs {
  const { buildsPerDay, minutes, minutesWithCache, pricePerMinute, days } = given;
  const builds = buildsPerDay * days;
  const cents = {
    without: centsOf(builds * minutes * pricePerMinute),
    compute: centsOf(builds * minutesWithCache * pricePerMinute),
    storage: centsOf(storageOf(given)),
    transfer: centsOf(transferOf(given)),
  };
  const sum = cents.compute + cents.storage + cents.transfer;
  const month = { ...given, freeTier: false };
  return {
    without: cents.without / 100,
    compute: cents.compute / 100,
    storage: cents.storage / 100,
    transfer: cents.transfer / 100,
    with: sum / 100,
    saved: (cents.without - sum) / 100,
    imageStorage: storageOf({ ...month, images: 1 }),
    allStorage: storageOf(month),
    breakEven: breakEvenOf(given),
  };
}

function storageOf({ images, imageMb, days, freeTier }: Assumptions): number {
  const stored = (images * imageMb) / MB_PER_GB - (freeTier ? ECR_FREE_GB : 0);
  return tidy((Math.max(0, stored) * PRICES.ecrMonth.usd * days) / DAYS_PER_MONTH);
}

function transferOf({ crossRegionGb }: Assumptions): number {
  return crossRegionGb * PRICES.crossRegionGb.usd;
}

/** Storage and transfer cost the same however often is built; each build saves its minutes. */
function breakEvenOf(given: Assumptions): number | null {
  const { minutes, minutesWithCache, pricePerMinute, days } = given;
  const savedByBuild = (minutes - minutesWithCache) * pricePerMinute;
  return savedByBuild > 0 && days > 0 ? (storageOf(given) + transferOf(given)) / (days * savedByBuild) : null;
}

/** Without the error of binary fractions: 0.04, not 0.04000000000000001. */
function tidy(usd: number): number {
  return Number(usd.toFixed(9));
}

/** Whole cents. What is half a cent but for the error of binary fractions is rounded up: 3.375 is 338. */
function centsOf(usd: number): number {
  return Math.round(usd * 100 + 1e-6);
}
