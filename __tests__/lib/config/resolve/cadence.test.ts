import * as fc from "fast-check";
import { timeOf } from "../../../../lib/config/resolve/build-times";
import { cadenceHours, expressionProblem } from "../../../../lib/config/resolve/cadence";
import { configOf } from "../sample";

const buildOf = (build: object) => configOf({ build }).caches.ci!.build;

test.each([
  [["02:00"], 24],
  [["02:00", "14:00"], 12],
  [["20:00", "02:00", "08:00"], 12],
  [["02:00", "02:30"], 24], // 23 hours and a half
  [[], 744],
])("times of day %j are at most %i hours apart", (at, hours) => {
  expect(cadenceHours(buildOf({ at }))).toBe(hours);
});

test("no gap between times of day is longer than the cadence, and one is longer than an hour less", () => {
  const times = fc.uniqueArray(fc.nat(1439), { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(times, (minutes) => {
      const day = [...minutes].sort((a, b) => a - b);
      const longest = Math.max(...day.map((time, index) => (day[index + 1] ?? day[0]! + 1440) - time));
      const hours = cadenceHours(buildOf({ at: minutes.map(timeOf) }));
      expect(longest).toBeLessThanOrEqual(hours * 60);
      expect(longest).toBeGreaterThan((hours - 1) * 60);
    }),
  );
});

test.each([
  ["rate(1 day)", 24],
  ["rate(12 hours)", 12],
  ["rate(1 hour)", 1],
  ["rate(90 minutes)", 2],
  ["rate(10 minutes)", 1],
  ["cron(0 3 * * ? *)", 24],
  ["cron(0/30 * * * ? *)", 1],
  ["cron(0 3,15 * * ? *)", 12],
  ["cron(0 3 ? * MON-FRI *)", 72],
  ["cron(0 3 ? * 2-6 *)", 72], // Monday to Friday: 1 is Sunday
  ["cron(0 3 ? * MON,THU *)", 96],
  ["cron(0 3 ? * 1 *)", 168],
  ["cron(0 3 L * ? *)", 744],
  ["cron(0 3 ? * 2#1 *)", 840], // first Mondays
  ["cron(0 3 1 1 ? *)", 366 * 24],
])("%s builds at most %i hours apart", (expression, hours) => {
  expect(expressionProblem(expression)).toBeUndefined();
  expect(cadenceHours(buildOf({ expression, at: [] }))).toBe(hours);
});

test.each([
  ["rate(0 days)", "whole number"],
  ["rate(1.5 hours)", "whole number"],
  ["rate(2 weeks)", "minutes, hours or days"],
  ["rate(1 days)", "singular"],
  ["rate(2 day)", "plural"],
  ["cron(0 3 * *)", "six fields, this has 4"],
  ["cron(0 3 * * * *)", "? for one of"],
  ["cron(0 3 ? * ? *)", "? for one of"],
  ["cron(61 3 * * ? *)", "61"],
  ["cron(0 3 ? * FOO *)", "foo"],
  ["cron(0 3 ? * 0 *)", "dayofweek"],
  ["cron(0 3 31 2 ? *)", "once or never"],
  ["cron(0 3 1 1 ? 2030)", "once or never"],
])("%s is refused: %s", (expression, problem) => {
  expect(expressionProblem(expression)?.toLowerCase()).toContain(problem.toLowerCase());
});
