import { checkAnyRegion, checkOverrides, checkSchedules, checkSources } from "../../../../lib/config/check/regions";
import { configOf, copying, shown } from "../sample";

test("an override is of a region that exists", () => {
  const config = configOf({ regions: { "eu-west-2": {}, "ap-northeast-1": {}, "eu-west-1": {} } });
  const findings = checkOverrides(config, "ci");
  expect(shown(findings)).toEqual([
    "caches.ci.regions.eu-west-2: eu-west-2",
    "caches.ci.regions.ap-northeast-1: ap-northeast-1",
  ]);
  expect(findings.map(({ fix }) => fix)).toEqual([
    "write eu-west-1",
    "add ap-northeast-1 to `regions` at the top, or remove it here",
  ]);
});

test("a cache has a region", () => {
  expect(checkAnyRegion(configOf(), "ci")).toEqual([]);
  const config = configOf({ regions: { "eu-west-1": { enabled: false } } });
  expect(shown(checkAnyRegion(config, "ci"))).toEqual(["caches.ci.regions: every region disabled"]);
});

describe("copies come from a region that builds", () => {
  test.each<[string, object, object, string[], string]>([
    ["as in the default", {}, copying("us-east-1"), [], ""],
    [
      "not from the region itself",
      {},
      { regions: { "eu-west-1": { copy_from: "eu-west-1" } } },
      ["regions.eu-west-1.copy_from: eu-west-1, the region itself"],
      "let eu-west-1 build it: copy_from: null",
    ],
    [
      "not from one that is unknown",
      {},
      { regions: { "eu-west-1": {}, "us-east-1": { copy_from: "eu-west-3" } } },
      ["regions.us-east-1.copy_from: eu-west-3, which has no part in the cache"],
      "copy from eu-west-1, or let us-east-1 build it: copy_from: null",
    ],
    [
      "not from one that leaves the cache out",
      { regions: { "eu-west-1": { enabled: false } } },
      copying("us-east-1"),
      ["regions.us-east-1.copy_from: eu-west-1, which has no part in the cache"],
      "let us-east-1 build it: copy_from: null",
    ],
    [
      "not from one that copies",
      { regions: { "us-east-2": { copy_from: "us-east-1" } } },
      copying("us-east-1", "us-east-2"),
      ["caches.ci.regions.us-east-2.copy_from: us-east-1, which copies the cache itself: there are no chains"],
      "copy from eu-west-1, or let us-east-2 build it: copy_from: null",
    ],
    [
      "not from China",
      {},
      copying("cn-north-1"),
      ["regions.cn-north-1.copy_from: eu-west-1, which is of another AWS partition"],
      "let cn-north-1 build it: copy_from: null",
    ],
    [
      "but within GovCloud",
      {},
      { regions: { "us-gov-west-1": {}, "us-gov-east-1": { copy_from: "us-gov-west-1" } } },
      [],
      "",
    ],
  ])("%s", (_, cache, top, found, fix) => {
    const findings = checkSources(configOf(cache, top), "ci");
    expect(shown(findings)).toEqual(found);
    expect(findings[0]?.fix ?? "").toBe(fix);
  });
});

test("a DLM schedule serves three regions, and four schedules twelve", () => {
  const four = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"];
  const config = configOf({}, copying(...four));
  expect(shown(checkSchedules(config, "ci"))).toEqual([
    `regions.us-west-2.dlm_schedule: DLM schedule 1 of ci in eu-west-1 for 4 regions: ${four.join(", ")}`,
  ]);
  const moved = configOf({ regions: { "us-west-2": { dlm_schedule: 2 } } }, copying(...four));
  expect(checkSchedules(moved, "ci")).toEqual([]);
});
