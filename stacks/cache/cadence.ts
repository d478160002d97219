/**
 * The longest time between two builds, as Terraform works it out of `build`: of times of day and of rate(). The configuration knows cron(), too
 * (lib/config/resolve/cadence.ts).
 */
import { BY_HAND_HOURS, COPY_HOURS, RATE_MINUTES } from "../../lib/config/resolve/cadence";
import { DAY_MINUTES } from "../../lib/time";
import type { ModuleStack, Rule } from "../faces/module-stack";
import { minutesOf } from "../faces/time-of-day";
import { type IResolvable, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { raw } from "../terraform/maybe";

const EXPRESSION = hcl`local.build.expression`;
const GIVEN = hcl`local.rotation.cadence_hours`;

export interface Cadence {
  /** Null if nobody says it; a rule refuses that. */
  readonly hours: IResolvable;
  readonly rules: readonly Rule[];
}

export function createCadence(module: ModuleStack): Cadence {
  const local = (name: string, value: unknown) => new TerraformLocal(module, `${name}.local`, value);
  const atTimes = createHoursAtTimes(local);
  const rate = local(
    "build_rate",
    hcl`try(regex("^rate\\(([0-9]+) (minute|hour|day)s?\\)$", ${EXPRESSION}), null)`,
  ).expression;
  const byRate = hcl`try(max(1, ceil(${rate}[0] * ${RATE_MINUTES}[${rate}[1]] / 60)), null)`;
  const known = local("build_hours", hcl`${EXPRESSION} == null ? ${atTimes} : ${byRate}`);
  comment(known, "Longest time between two builds; null with cron(), which Terraform cannot read.");
  const followed = hcl`var.copy_from == null ? ${known.expression} : max(${COPY_HOURS}, ${known.expression})`;
  const hours = local("cadence_hours", hcl`try(coalesce(${GIVEN}, ${followed}), null)`).expression;
  return { hours, rules: rulesOf(hours, known.expression) };
}

/** Widest gap between times of day. Text that is no time of day is the builder's to refuse. */
function createHoursAtTimes(local: (name: string, value: unknown) => TerraformLocal): IResolvable {
  const minutes = local(
    "build_minutes",
    hcl`sort([for time in local.build.at : format("%04d", try(${minutesOf(raw("time"))}, 0))])`,
  ).expression;
  const next = hcl`try(${minutes}[index + 1], ${minutes}[0] + ${DAY_MINUTES})`;
  const gaps = local("build_gaps", hcl`[for index, minute in ${minutes} : ${next} - minute]`).expression;
  return hcl`try(ceil(max(${gaps}...) / 60), ${BY_HAND_HOURS})`;
}

function rulesOf(hours: IResolvable, known: IResolvable): Rule[] {
  return [
    {
      condition: str`${hours} != null`,
      errorMessage: `Terraform does not know how often ${str`coalesce(${EXPRESSION}, "?")`} builds: give rotation.cadence_hours, the longest time between two builds in hours.`,
    },
    {
      condition: str`try(${hours} >= ${known}, true)`,
      errorMessage: `rotation.cadence_hours is ${str`coalesce(${GIVEN}, 0)`}, and builds are up to ${str`coalesce(${known}, 0)`} hours apart: an alarm would rise without a cause. Leave it out, or give at least that.`,
    },
  ];
}
