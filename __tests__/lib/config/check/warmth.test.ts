import { checkInitializationRate, checkRestoreZones, checkZoneNames } from "../../../../lib/config/check/warmth";
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
