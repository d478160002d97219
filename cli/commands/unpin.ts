/** `unpin`: let rotation promote newer snapshots again. */
import { planUnpin } from "../../lambda-src/rotation/asked/pin";
import { carryOut, granted, readTargets } from "../answer";
import type { Options } from "../options";
import { printReports, type Report } from "../output";
import { selectOneCache } from "../targets";

export async function run(options: Options): Promise<boolean> {
  const reports: Report[] = [];
  for (const { target, state } of await readTargets(await selectOneCache(options))) {
    const answer = granted(target, planUnpin(state, target.settings));
    reports.push(await carryOut(target, answer.target, answer.actions, options));
  }
  return printReports("unpin", reports, options);
}
