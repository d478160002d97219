import {
  checkDuplicateTimes,
  checkExpression,
  checkGate,
  checkReplicates,
  checkTimeZone,
} from "../../../../lib/config/check/builds";
import { configOf, copying, shown } from "../sample";

const COPIED = copying("us-east-1");

test("a time zone is one", () => {
  const of = (time_zone: string) => checkTimeZone(configOf({ build: { time_zone } }), "ci");
  expect(of("Europe/Berlin")).toEqual([]);
  expect(of("Europe/Berlinn")[0]!.fix).toBe("write Europe/Berlin");
  expect(of("the-moon-over-there")[0]!.fix).toMatch(/iana/);
  expect(shown(of("CEST2"))).toEqual(['caches.ci.build.time_zone: "CEST2"']);
});

test("an expression is valid, and alone", () => {
  const of = (build: object) => shown(checkExpression(configOf({ build }), "ci"));
  expect(of({})).toEqual([]);
  expect(of({ expression: "rate(12 hours)", at: [] })).toEqual([]);
  expect(of({ expression: "rate(12 hours)" })).toEqual([
    "caches.ci.build.expression: rate(12 hours) beside `at: [02:00]`",
  ]);
  expect(of({ expression: "rate(1 hours)", at: [] })).toEqual([
    "caches.ci.build.expression: rate(1 hours): rate wants the singular with 1 and the plural otherwise",
  ]);
});

test("a time stands there once", () => {
  const config = configOf({ build: { at: ["02:00", "14:00", "02:00"] } });
  expect(shown(checkDuplicateTimes(config, "ci"))).toEqual(["caches.ci.build.at.2: 02:00 again"]);
});

test("what is copied is built at times of day, or says when it is copied", () => {
  const of = (build: object, top = COPIED) => shown(checkReplicates(configOf({ build }, top), "ci"));
  expect(of({})).toEqual([]);
  expect(of({ expression: "rate(1 day)", at: [] })).toEqual(["caches.ci.build.expression: rate(1 day)"]);
  expect(of({ expression: "rate(1 day)", at: [] }, {})).toEqual([]);
  expect(of({ at: [] })).toEqual(["caches.ci.build.replicate_at: nothing"]);
  expect(of({ at: [], replicate_at: "06:00" })).toEqual([]);
});

describe("builds keep clear of the replication", () => {
  const of = (build: object, top = COPIED) => checkGate(configOf({ build }, top), "ci");

  test.each([
    {},
    { at: ["02:00", "14:00"] },
    { replicate_at: "05:11" },
    { replicate_at: "00:49" },
    { time_zone: "Europe/Berlin", replicate_at: "04:11" },
    { at: [] },
    { time_zone: "no/where" },
  ])("%j is accepted", (build) => {
    expect(of(build)).toEqual([]);
  });

  test.each([
    [
      { replicate_at: "05:10" },
      "02:00 UTC (02:00 UTC), which with 60 minutes of retries and a watchdog of 120 may not end before the replication at 05:10 UTC",
    ],
    [{ replicate_at: "00:50" }, "02:00 UTC (02:00 UTC), too soon after the replication at 00:50 UTC"],
    // Only in winter, when Berlin's 02:00 is 01:00 UTC and not midnight.
    [{ time_zone: "Europe/Berlin", replicate_at: "04:10" }, "02:00 Europe/Berlin (01:00 UTC), which with"],
    // Only in summer, when it is midnight UTC.
    [{ time_zone: "Europe/Berlin", replicate_at: "22:50" }, "02:00 Europe/Berlin (00:00 UTC), too soon after"],
    [
      { at: ["02:00", "05:30"] },
      "05:30 UTC (05:30 UTC), which with 60 minutes of retries and a watchdog of 120 may not end before the replication at 06:00 UTC, which follows from the first build",
    ],
  ])("%j is refused", (build, found) => {
    const findings = of(build);
    expect(findings).toHaveLength(1);
    expect(findings[0]!.found).toContain(found);
    const replicateAt = /set replicate_at: "(.*)",/.exec(findings[0]!.fix)![1];
    expect(of({ ...build, replicate_at: replicateAt })).toEqual([]);
  });

  test("says so where no time of replication fits", () => {
    const at = ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00"];
    expect(of({ at })[0]!.fix).toMatch(/^no `replicate_at` fits/);
  });

  test("is no matter where nothing is copied", () => {
    expect(of({ replicate_at: "02:00" }, {})).toEqual([]);
  });
});
