/** `rotate`: run rotation once in each region, with the operator's credentials. */
import { plan } from "../../lambda-src/rotation/plan/plan";
import { readState } from "../../lambda-src/rotation/read/read";
import { reconcile } from "../../lambda-src/rotation/reconcile";
import type { Options } from "../options";
import { printReports, type Report } from "../output";
import { look, type PortsOf, portsOf } from "../region-ports";
import { selectTargets, type Target } from "../targets";

async function rotate(target: Target, options: Options, from: PortsOf): Promise<Report> {
  if (!options.dryRun) {
    const { plan: made, applied } = await reconcile(portsOf(target.region), target.settings);
    return { target, promoted: made.promoted, applied, notes: made.notes };
  }
  const made = plan(await readState(from(target.region), target.settings, { references: "all" }), target.settings);
  return { target, promoted: made.promoted, planned: made.actions, notes: made.notes };
}

/** A region that cannot be reached, or has no rotation stack yet, does not keep the others from being told. */
async function attempt(target: Target, options: Options, from: PortsOf): Promise<Report> {
  try {
    return await rotate(target, options, from);
  } catch (error) {
    return { target, promoted: "unknown", problems: [(error as Error).message] };
  }
}

export async function run(options: Options): Promise<boolean> {
  const targets = await selectTargets(options);
  const from = look();
  return printReports("rotate", await Promise.all(targets.map((target) => attempt(target, options, from))), options);
}
