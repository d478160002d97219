import {
  checkInitializationRate,
  checkLaunches,
  checkRegionRates,
  checkRestoreZones,
  checkZoneNames,
} from "../../../../lib/config/check/warmth";
import { parseConfig } from "../../../../lib/config/load";
import { configOf, copying, shown } from "../sample";

test.each<[object, string[]]>([
  [{}, []],
  [{ warmth: "rate", initialization_rate_mibps: 300 }, []],
  [{ warmth: "rate" }, ["caches.ci.worker.initialization_rate_mibps: nothing"]],
  [{ initialization_rate_mibps: 300 }, ["caches.ci.worker.initialization_rate_mibps: 300 MiB/s"]],
  [{ warmth: "fsr", initialization_rate_mibps: 100 }, ["caches.ci.worker.initialization_rate_mibps: 100 MiB/s"]],
])("a rate goes with its warmth: %j", (worker, found) => {
  expect(shown(checkInitializationRate(configOf({ worker }), "ci"))).toEqual(found);
});

test.each<[object, string[]]>([
  [{ warmth: "rate", initialization_rate_mibps: 300, max_simultaneous_launches: 5 }, []],
  [{ max_simultaneous_launches: 5 }, ["caches.ci.worker.max_simultaneous_launches: 5"]],
  [{ warmth: "fsr", max_simultaneous_launches: 1 }, ["caches.ci.worker.max_simultaneous_launches: 1"]],
])("declared launches go with a rate: %j", (worker, found) => {
  expect(shown(checkLaunches(configOf({ worker }), "ci"))).toEqual(found);
});

describe("the launches of a region", () => {
  const worker = (launches: number | null, rate = 300) => ({
    warmth: "rate",
    initialization_rate_mibps: rate,
    max_simultaneous_launches: launches,
  });
  const rates = (cache: object, top: object = {}) => shown(checkRegionRates(configOf(cache, top)));

  test("fit its quota: 16 at 300 MiB/s do, the 17th does not", () => {
    expect(rates({ worker: worker(16) })).toEqual([]);
    expect(rates({ worker: worker(17) })).toEqual([
      "caches.ci.worker.max_simultaneous_launches: 5100 MiB/s in eu-west-1: 17 of ci at 300",
    ]);
    const text = `regions: { eu-west-1: {} }\ncaches: { ci: { images: [a], worker: ${JSON.stringify(worker(17))} } }\n`;
    expect(parseConfig(text, "x.yaml")).toMatchObject({
      ok: false,
      problems: [
        { path: "caches.ci.worker.max_simultaneous_launches", expected: expect.stringContaining("5000 MiB/s") },
      ],
    });
  });

  test("are those of every architecture and every cache that is in the region", () => {
    expect(rates({ worker: worker(9), architectures: { x86_64: {}, arm64: {} } })).toEqual([
      "caches.ci.worker.max_simultaneous_launches: 5400 MiB/s in eu-west-1: 18 of ci at 300",
    ]);
    const caches = {
      ci: { images: ["a"], worker: worker(16) },
      web: { images: ["a"], worker: worker(3, 100), regions: { "us-east-1": { enabled: false } } },
    };
    expect(rates({}, { regions: { "eu-west-1": {}, "us-east-1": {} }, caches })).toEqual([
      "caches.ci.worker.max_simultaneous_launches: 5100 MiB/s in eu-west-1: 16 of ci at 300, 3 of web at 100",
    ]);
  });

  test("are not checked where they are not declared, nor without a rate", () => {
    expect(rates({ worker: worker(null) })).toEqual([]);
    expect(rates({ worker: { max_simultaneous_launches: 100 } })).toEqual([]);
  });
});

const ZONES = { regions: { "eu-west-1": { fast_restore_zones: ["eu-west-1a"] } } };

test.each<[object, object, string[]]>([
  [{}, {}, []],
  [{}, ZONES, []],
  [{ worker: { warmth: "fsr" } }, ZONES, []],
  [
    { worker: { warmth: "fsr" } },
    copying("us-east-1"),
    ["regions.eu-west-1.fast_restore_zones: none", "regions.us-east-1.fast_restore_zones: none"],
  ],
  [{ worker: { warmth: "rate" } }, ZONES, ["regions.eu-west-1.fast_restore_zones: eu-west-1a"]],
  [{ worker: { warmth: "rate" } }, {}, []],
  [
    { worker: { warmth: "fsr" }, regions: { "eu-west-1": { fast_restore_zones: [] } } },
    ZONES,
    ["caches.ci.regions.eu-west-1.fast_restore_zones: none"],
  ],
])("zones go with their warmth: %j %j", (cache, top, found) => {
  expect(shown(checkRestoreZones(configOf(cache, top), "ci"))).toEqual(found);
});

test("zones are of their region", () => {
  const config = configOf({}, { regions: { "eu-west-1": { fast_restore_zones: ["eu-west-1a", "eu-west-2b"] } } });
  const findings = checkZoneNames(config, "ci");
  expect(shown(findings)).toEqual(["regions.eu-west-1.fast_restore_zones.1: eu-west-2b"]);
  expect(findings[0]!.fix).toBe("write eu-west-1b");
});
