import { checkCopyRetention } from "../../../../lib/config/check/retention";
import { configOf, copying, shown } from "../sample";

test.each<[object, object, string[]]>([
  [{}, copying("us-east-1"), []],
  [{ retention: { copy_retention_days: 6 } }, copying("us-east-1"), []],
  [
    { retention: { copy_retention_days: 5 } },
    copying("us-east-1"),
    ["caches.ci.retention.copy_retention_days: 5 days, with up to 24 hours from copy to copy"],
  ],
  // Copies are made once a day, however often the cache is built.
  [
    { retention: { copy_retention_days: 5 }, build: { at: ["02:00", "14:00"] } },
    copying("us-east-1"),
    ["caches.ci.retention.copy_retention_days: 5 days, with up to 24 hours from copy to copy"],
  ],
  [
    { build: { at: [], replicate_at: "06:00" } },
    copying("us-east-1"),
    ["caches.ci.retention.copy_retention_days: 14 days, with up to 744 hours from copy to copy"],
  ],
  [{ retention: { copy_retention_days: 1 } }, {}, []],
  // The expression is a problem of its own.
  [{ build: { expression: "rate(1 days)", at: [] } }, copying("us-east-1"), []],
  [{ build: { expression: "rate(1 day)", at: [] } }, copying("us-east-1"), []],
])("%j", (cache, top, found) => {
  expect(shown(checkCopyRetention(configOf(cache, top), "ci"))).toEqual(found);
});
