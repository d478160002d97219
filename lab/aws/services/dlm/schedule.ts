/** Times at which a DLM schedule runs, and for which it keeps what it makes. Pure. */

import { Cron } from "croner";
import { DAY_MILLISECONDS, HOUR_MILLISECONDS, MINUTE_MILLISECONDS } from "../../../../lib/time";
import type { DlmCreateRule, DlmRetainRule } from "../../dlm-policy";

/** Returns the latest time in (`after`, `now`] at which a schedule is due, or undefined if there is none. All times are UTC. */
export function lastDue(rule: DlmCreateRule, after: Date, now: Date): Date | undefined {
  if (rule.CronExpression) return lastOfCron(rule.CronExpression, after, now);
  const period = (rule.Interval ?? 24) * HOUR_MILLISECONDS;
  const [hours = 9, minutes = 0] = (rule.Times?.[0] ?? "09:00").split(":").map(Number);
  const offset = (hours * 60 + minutes) * MINUTE_MILLISECONDS;
  const latest = Math.floor((now.getTime() - offset) / period) * period + offset;
  return latest > after.getTime() ? new Date(latest) : undefined;
}

/** `cron(minute hour day-of-month month day-of-week year)`, days of the week counted from 1, Sunday. */
function lastOfCron(expression: string, after: Date, now: Date): Date | undefined {
  const [minute, hour, day, month, weekday, year] = expression
    .replace(/^cron\(|\)$/g, "")
    .trim()
    .split(/\s+/);
  const fromZero = weekday?.replace(/\d+/g, (number) => String(Number(number) - 1));
  const cron = new Cron(["0", minute, hour, day, month, fromZero, year].join(" ").replaceAll("?", "*"), {
    timezone: "UTC",
  });
  let latest: Date | undefined;
  for (let next = cron.nextRun(after); next && next <= now; next = cron.nextRun(next)) latest = next;
  return latest;
}

/** Returns the time at which something made at `start` reaches a rule's age, or undefined if the rule counts or keeps for ever. */
export function expiryOf(rule: DlmRetainRule | undefined, start: Date): Date | undefined {
  if (!rule?.Interval || !rule.IntervalUnit) return undefined;
  const end = new Date(start);
  if (rule.IntervalUnit === "YEARS") end.setUTCFullYear(end.getUTCFullYear() + rule.Interval);
  else if (rule.IntervalUnit === "MONTHS") end.setUTCMonth(end.getUTCMonth() + rule.Interval);
  else {
    const days = rule.IntervalUnit === "WEEKS" ? rule.Interval * 7 : rule.Interval;
    end.setTime(end.getTime() + days * DAY_MILLISECONDS);
  }
  return end;
}
