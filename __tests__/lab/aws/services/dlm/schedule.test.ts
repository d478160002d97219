import { expiryOf, lastDue } from "../../../../../lab/aws/services/dlm/schedule";

const at = (text: string) => new Date(`2026-11-${text}:00Z`);

test("an interval of 24 hours is due once a day, at its time", () => {
  const rule = { Interval: 24, IntervalUnit: "HOURS" as const, Times: ["03:30"] };
  expect(lastDue(rule, at("21T03:00"), at("21T03:29"))).toBeUndefined();
  expect(lastDue(rule, at("21T03:00"), at("21T03:30"))).toEqual(at("21T03:30"));
  expect(lastDue(rule, at("21T03:30"), at("21T23:00"))).toBeUndefined();
  expect(lastDue(rule, at("21T03:30"), at("23T05:00"))).toEqual(at("23T03:30"));
});

test("shorter intervals count from the time", () => {
  const rule = { Interval: 6, IntervalUnit: "HOURS" as const, Times: ["01:00"] };
  expect(lastDue(rule, at("21T01:00"), at("21T06:59"))).toBeUndefined();
  expect(lastDue(rule, at("21T01:00"), at("21T07:00"))).toEqual(at("21T07:00"));
});

test("cron expressions are AWS's: UTC, Sunday is day 1", () => {
  const daily = { CronExpression: "cron(30 3 * * ? *)" };
  expect(lastDue(daily, at("21T03:30"), at("23T03:29"))).toEqual(at("22T03:30"));
  expect(lastDue(daily, at("21T03:30"), at("22T03:29"))).toBeUndefined();
  // 2026-11-22 is a Sunday.
  expect(lastDue({ CronExpression: "cron(0 4 ? * 1 *)" }, at("20T00:00"), at("28T00:00"))).toEqual(at("22T04:00"));
  expect(lastDue({ CronExpression: "cron(0 4 ? * MON-TUE *)" }, at("20T00:00"), at("28T00:00"))).toEqual(
    at("24T04:00"),
  );
});

test("ages are counted in days, weeks, months and years; counting rules and none have no date", () => {
  const start = new Date("2026-01-15T03:00:00Z");
  expect(expiryOf({ Interval: 14, IntervalUnit: "DAYS" }, start)).toEqual(new Date("2026-01-29T03:00:00Z"));
  expect(expiryOf({ Interval: 2, IntervalUnit: "WEEKS" }, start)).toEqual(new Date("2026-01-29T03:00:00Z"));
  expect(expiryOf({ Interval: 1, IntervalUnit: "MONTHS" }, start)).toEqual(new Date("2026-02-15T03:00:00Z"));
  expect(expiryOf({ Interval: 1, IntervalUnit: "YEARS" }, start)).toEqual(new Date("2027-01-15T03:00:00Z"));
  expect(expiryOf({ Count: 3 }, start)).toBeUndefined();
  expect(expiryOf(undefined, start)).toBeUndefined();
});
