/**
 * The gate of a module: when copies are made, and that builds keep clear of it. The configuration works it out for every offset
 * of a time zone (lib/config/resolve/build-times.ts), Terraform for UTC alone. In another zone `replicate_at` must be given, and
 * nobody checks it.
 */

import { BOOT_MINUTES, REPLICATION_MINUTES } from "../../lib/config/resolve/build-times";
import { DAY_MINUTES } from "../../lib/time";
import type { Inputs } from "../faces/module-inputs";
import type { ModuleStack, Rule } from "../faces/module-stack";
import { minutesOf } from "../faces/time-of-day";
import { TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { mayBeNull, raw } from "../terraform/maybe";

export interface Gate {
  /** `HH:MM` UTC; null if no region copies. */
  readonly replicateAt: string;
  /** Rules that must hold if regions copy. */
  readonly rules: readonly Rule[];
}

export function createGate(module: ModuleStack, inputs: Inputs): Gate {
  const local = (name: string, value: unknown) => new TerraformLocal(module, name, value);
  const copyTo = inputs.objects("copy_to");
  const zone = inputs.text("build.time_zone");
  const starts = local(
    "build_minutes",
    hcl`[for time in ${inputs.texts("build.at")} : ${minutesOf(raw("time"))}]`,
  ).expression;
  const longest = createLongest(module, inputs).expression;
  const hour = hcl`(floor((min(${starts}...) + ${longest}) / 60) + 1) % 24`;
  const standard = local("default_replicate_at", hcl`${zone} == "UTC" ? try(format("%02d:00", ${hour}), null) : null`);
  comment(standard, "The hour after the first build of the day has ended at the latest.");
  const given = inputs.text("build.replicate_at");
  const replicateAt = local(
    "replicate_at",
    hcl`length(${copyTo}) == 0 ? null : try(coalesce(${given}, ${standard.expression}), null)`,
  );
  const minute = local(
    "replicate_minute",
    hcl`${replicateAt.expression} == null ? null : ${minutesOf(replicateAt.expression)}`,
  ).expression;
  const until = local(
    "minutes_to_replication",
    hcl`[for start in ${starts} : (${minute} - start + ${DAY_MINUTES}) % ${DAY_MINUTES} if ${minute} != null]`,
  );
  return { replicateAt: mayBeNull(replicateAt.asString), rules: rulesOf(inputs, replicateAt, until, longest) };
}

function createLongest(module: ModuleStack, inputs: Inputs): TerraformLocal {
  const [retry, watchdog] = ["launch_retry_minutes", "watchdog_minutes"].map((name) => inputs.number(`build.${name}`));
  const longest = new TerraformLocal(module, "longest_build_minutes", hcl`${retry} + ${BOOT_MINUTES} + ${watchdog}`);
  return comment(longest, "From the scheduled time to the watchdog of the last retry.");
}

function rulesOf(inputs: Inputs, replicateAt: TerraformLocal, until: TerraformLocal, longest: unknown): Rule[] {
  const alone = hcl`length(${inputs.objects("copy_to")}) == 0`;
  const clear = hcl`alltrue([for minutes in ${until.expression} : minutes > ${longest} && minutes < ${DAY_MINUTES - REPLICATION_MINUTES}])`;
  return [
    {
      condition: str`${alone} || length(${inputs.texts("build.at")}) > 0 && ${inputs.text("build.expression")} == null`,
      errorMessage:
        "A cache that other regions copy is built at times of day, so that builds keep clear of the replication: give build.at, and no build.expression.",
    },
    {
      condition: str`${alone} || ${replicateAt.expression} != null`,
      errorMessage:
        "Terraform does not know the offsets of time zones: give build.replicate_at in UTC, or build in UTC.",
    },
    {
      condition: str`${inputs.text("build.time_zone")} != "UTC" || ${clear}`,
      errorMessage: `Builds would meet the replication at ${str`coalesce(${replicateAt.expression}, "?")`} UTC: each needs ${str`${longest}`} minutes before it, and begins more than ${REPLICATION_MINUTES} minutes after it. Move build.at or build.replicate_at.`,
    },
  ];
}
