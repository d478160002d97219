import { nearestTo } from "../../../../lib/config/text/nearest";

test.each([
  ["regoins", ["regions", "caches"], "regions"],
  ["subnet", ["subnet_id", "security_group_ids"], "subnet_id"],
  ["eu-west-11", ["eu-west-1", "us-east-1"], "eu-west-1"],
  ["size", ["type", "iops", "size_gib"], "size_gib"],
  ["at", ["expression", "replicate_at"], undefined],
  ["colour", ["size_gib", "type"], undefined],
  ["x", [], undefined],
])("nearest to %s of %j is %s", (wanted, known, nearest) => {
  expect(nearestTo(wanted, known)).toBe(nearest);
});
