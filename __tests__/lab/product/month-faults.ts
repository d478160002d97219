/** Faults of a month, drawn from a seed, and a watch over every deletion that a rotation function makes. */
import type { Snapshot } from "@aws-sdk/client-ec2";
import { AwsError } from "../../../lab/aws/aws-error";
import type { IncomingCall } from "../../../lab/aws/hooks";
import { tagsOf } from "../../../lab/aws/services/ec2/lists";
import type { Delivery } from "../../../lab/aws/services/event-bridge";
import type { Invocation } from "../../../lab/product/function";
import { TAG } from "../../../lib/contract";
import type { BuildKind, Month } from "./month";

/** Fate of the events of a day. */
export type DayDelivery = Delivery | "a day late";
/** Fault of a run of the function. */
export type Trouble = "none" | "crash" | "throttled";

export interface Day {
  readonly build: BuildKind;
  readonly delivery: DayDelivery;
  readonly trouble: Trouble;
}

/** So often in the month. Each kind occurs, on days that the seed chooses. */
const BUILDS: Readonly<Record<BuildKind, number>> = { new: 19, unchanged: 3, failed: 2, hung: 2, silent: 2, error: 2 };
const DELIVERIES: Readonly<Record<DayDelivery, number>> = {
  "in order": 12,
  lost: 6,
  twice: 5,
  backwards: 4,
  "a day late": 3,
};
const TROUBLES: Readonly<Record<Trouble, number>> = { none: 16, crash: 12, throttled: 2 };

function shuffled<Kind extends string>(counts: Readonly<Record<Kind, number>>, random: () => number): Kind[] {
  const all = (Object.entries(counts) as [Kind, number][]).flatMap(([kind, count]) => Array<Kind>(count).fill(kind));
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [all[last], all[other]] = [all[other] as Kind, all[last] as Kind];
  }
  return all;
}

/** Thirty days. */
export function drawDays(random: () => number): Day[] {
  const builds = shuffled(BUILDS, random);
  const deliveries = shuffled(DELIVERIES, random);
  const troubles = shuffled(TROUBLES, random);
  return builds.map((build, index) => ({
    build,
    delivery: deliveries[index] as DayDelivery,
    trouble: troubles[index] as Trouble,
  }));
}

/** Runs `work` while 3 of 10 calls of anybody are throttled, as each service says it. */
export async function throttled<Result>(
  month: Month,
  random: () => number,
  work: () => Promise<Result>,
): Promise<Result> {
  const stop = month.aws.hooks.on("Request", ({ service }) => {
    if (random() >= 0.3) return;
    if (service === "ec2") throw new AwsError("RequestLimitExceeded", "Request limit exceeded.", 503);
    throw new AwsError("ThrottlingException", "Rate exceeded", 400);
  });
  return work().finally(stop);
}

/**
 * Runs the function of a region and ends its process at its call number `at`, before AWS carries the call out or after. Returns the invocation, or
 * undefined if it made fewer calls.
 */
export async function crashing(
  month: Month,
  region: string,
  at: number,
  isCarriedOut: boolean,
  work: () => Promise<Invocation>,
): Promise<Invocation | undefined> {
  let calls = 0;
  let hasCrashed = false;
  const stop = month.aws.hooks.on("Request", () => {
    calls += 1;
    if (calls < at || hasCrashed) return;
    hasCrashed = true;
    month.functions[region]?.crash();
    if (!isCarriedOut) throw new AwsError("InternalError", "An internal error has occurred", 500);
  });
  const invocation = await work().finally(stop);
  return hasCrashed ? invocation : undefined;
}

export interface DeletionWatch {
  /** Returns the faults of deletions since the last call: a fault of one day is not the next one's. */
  takeFaults(): string[];
  readonly deleted: readonly string[];
  /** Begins a new run of the function in a region. */
  begin(region: string): Promise<void>;
  end(): void;
}

const DAY_MILLISECONDS = 86_400_000;

/** Follows the functions: each deletion has been announced a day before, and no run makes more than its share. */
export function watchDeletions(month: Month): DeletionWatch {
  const announced = new Map<string, number>();
  let faults: string[] = [];
  const deleted: string[] = [];
  /** When each region's last run began: it reads its clock after that, and its calls may come seconds later. In the precision of the tag. */
  const beginnings = new Map<string, number>();
  let share = 0;
  /** Snapshots of which the run asked: a client asks again after a refusal that it takes for a skew of clocks. */
  let asked = new Set<string>();
  let isRunning = false;
  const check = async ({ action, input, region }: IncomingCall) => {
    if (!isRunning || action !== "DeleteSnapshot") return;
    const id = String(input.SnapshotId);
    if (asked.has(id)) return;
    asked.add(id);
    const since = announced.get(id);
    const tags = tagsOf((await snapshotsIn(month, region)).find(({ SnapshotId }) => SnapshotId === id)?.Tags);
    const now = month.clock.now().getTime();
    if (since === undefined || now - since < DAY_MILLISECONDS) faults.push(`${id}: not announced a day before`);
    if (!(Date.parse(tags[TAG.deleteAfter] ?? "") <= now)) faults.push(`${id}: its date has not passed`);
    if (--share < 0) faults.push(`${id}: beyond the share of a run`);
    deleted.push(id);
  };
  const note = ({ action, input, region }: IncomingCall) => {
    const { Resources = [], Tags = [] } = input as { Resources?: string[]; Tags?: { Key?: string; Value?: string }[] };
    // Between the runs too: the last calls of an environment that was killed may be carried out after its run has ended.
    const tag = Tags.find(({ Key }) => Key === TAG.deleteAfter);
    if (!tag) return;
    // Before the first run of a region nobody announces; if somebody does, the day counts from now.
    const began = beginnings.get(region) ?? month.clock.now().getTime();
    for (const id of Resources) {
      if (action === "DeleteTags") announced.delete(id);
      if (action !== "CreateTags") continue;
      announced.set(id, began);
      if (!(Date.parse(tag.Value ?? "") >= began + DAY_MILLISECONDS))
        faults.push(`${id}: announced for less than a day ahead`);
    }
  };
  month.aws.hooks.on("Request", note);
  month.aws.hooks.on("Request", check);
  return {
    takeFaults() {
      const taken = faults;
      faults = [];
      return taken;
    },
    deleted,
    async begin(region) {
      beginnings.set(region, Math.floor(month.clock.now().getTime() / 1000) * 1000);
      asked = new Set();
      share = Math.max(2, Math.floor((await snapshotsIn(month, region)).length / 5));
      isRunning = true;
    },
    end() {
      isRunning = false;
    },
  };
}

/** The account's own snapshots in a region. */
export async function snapshotsIn(month: Month, region: string): Promise<Snapshot[]> {
  const target = { service: "ec2", action: "DescribeSnapshots", region, nested: true };
  return (await month.aws.aws.call<{ Snapshots?: Snapshot[] }>(target, { OwnerIds: ["self"] })).Snapshots ?? [];
}
