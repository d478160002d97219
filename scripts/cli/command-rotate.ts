/** `rotate`: one run of rotation in each region, with the operator's credentials. */
import { awsPorts } from "../../lambda-src/rotation/aws";
import { plan } from "../../lambda-src/rotation/plan";
import { readState } from "../../lambda-src/rotation/read";
import { reconcile } from "../../lambda-src/rotation/reconcile";
import type { Options } from "./options";
import { printReports, type Report } from "./output";
import { withProgress } from "./progress";
import { selectTargets, type Target, titleOf } from "./targets";

async function rotate(target: Target, options: Options): Promise<Report> {
  const ports = awsPorts(target.region);
  if (!options.dryRun) {
    const { plan: made, applied } = await reconcile(ports, target.settings);
    return { target, promoted: made.promoted, applied, notes: made.notes, problems: made.problems };
  }
  const made = plan(await readState(ports, target.settings), target.settings);
  return { target, promoted: made.promoted, planned: made.actions, notes: made.notes, problems: made.problems };
}

export async function run(options: Options): Promise<boolean> {
  const targets = await selectTargets(options);
  const steps = targets.map((target) => ({ title: titleOf(target), run: () => rotate(target, options) }));
  const reports = await withProgress(steps, { quiet: options.json ?? false, concurrent: true });
  return printReports("rotate", reports, options);
}
