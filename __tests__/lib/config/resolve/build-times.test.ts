import * as fc from "fast-check";
import {
  BOOT_MINUTES,
  closedUntil,
  defaultReplicateAt,
  gateAt,
  isTimeZone,
  longestBuild,
  minutesOf,
  REPLICATION_MINUTES,
  timeOf,
  toUtc,
  utcOffsets,
} from "../../../../lib/config/resolve/build-times";
import gateVectors from "../../../fixtures/replication-gate.json";
import { configOf } from "../sample";

const DAY = 1440;
const buildOf = (build: object) => configOf({ build }).caches.ci!.build;

test("times of day and minutes are the same", () => {
  expect(minutesOf("00:00")).toBe(0);
  expect(minutesOf("23:59")).toBe(1439);
  fc.assert(fc.property(fc.nat(DAY - 1), (minutes) => expect(minutesOf(timeOf(minutes))).toBe(minutes)));
  expect(timeOf(DAY + 61)).toBe("01:01");
});

test.each([
  ["UTC", [0]],
  ["Europe/Berlin", [60, 120]],
  ["America/New_York", [-300, -240]],
  ["Asia/Kolkata", [330]],
  ["Asia/Kathmandu", [345]],
  ["Australia/Lord_Howe", [630, 660]],
  ["Pacific/Kiritimati", [840]],
  // An hour less for the month of Ramadan alone.
  ["Africa/Casablanca", [0, 60]],
])("offsets of %s are %j", (zone, offsets) => {
  expect(utcOffsets(zone)).toEqual(offsets);
});

test("knows time zones", () => {
  expect(isTimeZone("Europe/Berlin")).toBe(true);
  expect(isTimeZone("Europe/Berlinn")).toBe(false);
});

test.each([
  [120, 60, 60],
  [0, 60, 1380],
  [1400, -300, 260],
])("local minute %i at offset %i is minute %i in UTC", (local, offset, utc) => {
  expect(toUtc(local, offset)).toBe(utc);
});

describe("the default time of replication", () => {
  test.each([
    [{}, "06:00"], // 02:00 + 60 + 10 + 120 = 05:10
    [{ at: ["12:00", "02:00"] }, "06:00"],
    [{ time_zone: "Europe/Berlin" }, "05:00"], // 01:00 UTC in winter
    [{ time_zone: "America/New_York" }, "11:00"], // 07:00 UTC in winter
    [{ time_zone: "Asia/Kolkata" }, "00:00"], // 20:30 UTC the day before
    [{ launch_retry_minutes: 50, watchdog_minutes: 60 }, "05:00"], // ends on the hour, and so not before it
    [{ at: [] }, undefined],
  ])("of %j is %s", (build, time) => {
    expect(defaultReplicateAt(buildOf(build))).toBe(time);
  });
});

/** The builder's own rule, as the user data applies it: at minute `now`, with the replication each day at `replicateAt`. */
function goesOn(now: number, replicateAt: number, watchdog: number): boolean {
  const last = Math.floor((now - replicateAt) / DAY) * DAY + replicateAt;
  return now + watchdog < last + DAY && now - last > REPLICATION_MINUTES;
}

test("the gate is open exactly when a builder goes on at every moment at which its launch may be retried", () => {
  fc.assert(
    fc.property(
      fc.record({
        start: fc.nat(DAY - 1),
        replicateAt: fc.nat(DAY - 1),
        retry: fc.integer({ min: 1, max: 300 }),
        watchdog: fc.integer({ min: 10, max: 720 }),
      }),
      ({ start, replicateAt, retry, watchdog }) => {
        const build = buildOf({ launch_retry_minutes: retry, watchdog_minutes: watchdog });
        const moments = Array.from({ length: retry + BOOT_MINUTES + 1 }, (_, minute) => DAY + start + minute);
        const always = moments.every((now) => goesOn(now, replicateAt, watchdog));
        expect(gateAt(start, replicateAt, longestBuild(build)) === "open").toBe(always);
      },
    ),
    { numRuns: 2000 },
  );
});

test("a builder that is started by hand is told of a closed gate, and goes on at the time that it is told", () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
  for (const watchdog of [10, 120, 600]) {
    for (let now = 0; now < DAY; now += 7) {
      const until = closedUntil(at(now), "05:00", watchdog);
      const boot = Array.from({ length: BOOT_MINUTES + 1 }, (_, minute) => DAY + now + minute);
      expect(until === null).toBe(boot.every((moment) => goesOn(moment, 300, watchdog)));
      if (until !== null)
        expect([until, closedUntil(at(minutesOf(until)), "05:00", watchdog)]).toEqual(["06:11", null]);
    }
  }
  expect(closedUntil(at(300), null, 120)).toBeNull();
});

test.each([
  [120, 360, "open"],
  [120, 311, "open"], // 190 minutes and one
  [120, 310, "before"],
  [361, 360, "after"],
  [360, 360, "after"],
  [430, 360, "after"],
  [431, 360, "open"],
])("a build at minute %i with the replication at %i finds the gate %s", (start, replicateAt, gate) => {
  expect(gateAt(start, replicateAt, longestBuild(buildOf({})))).toBe(gate);
});

test.each(gateVectors)(
  "at $start, with $longest minutes and the replication at $replicateAt, open is $open",
  (vector) => {
    const gate = gateAt(minutesOf(vector.start), minutesOf(vector.replicateAt), vector.longest);
    expect(gate === "open").toBe(vector.open);
  },
);

test("the first build of the day finds the default gate open in every offset", () => {
  const zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Auckland", "Pacific/Apia", "Africa/Casablanca"];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.nat(DAY - 1),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 10, max: 600 }),
      (time_zone, at, launch_retry_minutes, watchdog_minutes) => {
        const build = buildOf({ at: [timeOf(at)], time_zone, launch_retry_minutes, watchdog_minutes });
        const replicateAt = minutesOf(defaultReplicateAt(build)!);
        for (const offset of utcOffsets(time_zone))
          expect(gateAt(toUtc(at, offset), replicateAt, longestBuild(build))).toBe("open");
      },
    ),
  );
});
