import { z } from "zod";
import { type Companion, companionOf } from "../../../../lib/config/companion";
import { parseConfig } from "../../../../lib/config/load";
import { resolveConfig } from "../../../../lib/config/resolve-config";
import { sampleCache } from "../../../fixtures/sample-cache/sample-cache";

/** One for a region as a whole. */
const single = companionOf({
  noun: "region-wide",
  description: "One for a region.",
  entries: "single",
  fields: { on: z.boolean().default(true).describe("Whether.") },
  names: () => [],
  settings: ({ region }) => ({ where: region }),
  example: {},
});

function regions(text: string, companions: readonly Companion[]) {
  const parsed = parseConfig(text, "x.yaml", companions);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolveConfig(parsed.config, companions).regions;
}

test("entries are in all regions or in those they name, sorted, with what everything has", () => {
  const key = "arn:aws:kms:eu-west-1:123456789012:key/1";
  const [first, second] = regions(
    `
tags: { team: ci }
regions: { us-east-1: {}, eu-west-1: { kms_key_arn: "${key}" } }
sample_cache:
  b: { regions: [eu-west-1], permissions_boundary_arn: "arn:aws:iam::123456789012:policy/x", role_path: /x/ }
  a: { expire_after_days: 3, log_retention_days: 7 }
region_wide: {}
`,
    [single, sampleCache],
  );
  const common = { tags: { team: "ci" }, permissionsBoundaryArn: null, rolePath: "/" };
  const sample = { ...common, noun: "sample-cache", name: "a", logRetentionDays: 7, expireAfterDays: 3 };
  expect(first).toMatchObject({ name: "eu-west-1", cells: [] });
  expect(first!.companions).toEqual([
    { ...common, noun: "region-wide", name: "region-wide", kmsKeyArn: key, where: "eu-west-1" },
    { ...sample, kmsKeyArn: key },
    {
      ...sample,
      name: "b",
      permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/x",
      rolePath: "/x/",
      kmsKeyArn: key,
      logRetentionDays: 30,
      expireAfterDays: 14,
    },
  ]);
  expect(second!.companions.map(({ noun, name, kmsKeyArn }) => [noun, name, kmsKeyArn])).toEqual([
    ["region-wide", "region-wide", null],
    ["sample-cache", "a", null],
  ]);
});

test("a section that is left out is nowhere", () => {
  expect(
    regions("regions: { eu-west-1: {} }\nsample_cache: { a: {} }\n", [single, sampleCache])[0]!.companions,
  ).toHaveLength(1);
});
