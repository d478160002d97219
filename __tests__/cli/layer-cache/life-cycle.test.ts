/** What a life cycle's rules do to the objects of one entry, in every form that S3 takes them. */
import { archivesOf, expiryOf, NEVER, reachOf } from "../../../cli/layer-cache/life-cycle";
import type { LifecycleRule } from "../../../cli/layer-cache/s3";

const FOLDER = "ci/blobs/";
const rule = (more: Partial<LifecycleRule>): LifecycleRule => ({
  Status: "Enabled",
  Expiration: { Days: 14 },
  ...more,
});

test.each<[string, Partial<LifecycleRule>, "all" | "some" | "none"]>([
  ["of the whole bucket, without a filter", {}, "all"],
  ["of the whole bucket, by an empty filter", { Filter: {} }, "all"],
  ["of the whole bucket, by an empty prefix", { Filter: { Prefix: "" } }, "all"],
  ["of the entry", { Filter: { Prefix: "ci/" } }, "all"],
  ["of the folder itself", { Filter: { Prefix: "ci/blobs/" } }, "all"],
  ["of all that begins so", { Filter: { Prefix: "c" } }, "all"],
  ["of a part of the folder", { Filter: { Prefix: "ci/blobs/sha256:0" } }, "some"],
  ["of another folder", { Filter: { Prefix: "ci/manifests/" } }, "none"],
  ["of another entry", { Filter: { Prefix: "cd/" } }, "none"],
  ["of an entry whose name begins with this one's", { Filter: { Prefix: "ci2/" } }, "none"],
  ["in the former form", { Prefix: "ci/" }, "all"],
  ["in the former form, of another folder", { Prefix: "logs/" }, "none"],
  ["disabled", { Status: "Disabled" }, "none"],
  ["for a tag", { Filter: { Tag: { Key: "a", Value: "b" } } }, "none"],
  ["for a prefix and a tag", { Filter: { And: { Prefix: "ci/", Tags: [{ Key: "a", Value: "b" }] } } }, "none"],
  ["for large objects", { Filter: { ObjectSizeGreaterThan: 1000 } }, "some"],
  ["for small objects of the entry", { Filter: { And: { Prefix: "ci/", ObjectSizeLessThan: 1000 } } }, "some"],
  ["for small objects of another", { Filter: { And: { Prefix: "cd/", ObjectSizeLessThan: 1000 } } }, "none"],
])("a rule %s", (_, more, reach) => {
  expect(reachOf(rule(more), FOLDER)).toBe(reach);
});

test.each<[string, LifecycleRule[], { earliest: number; latest: number }]>([
  ["no rule", [], { earliest: NEVER, latest: NEVER }],
  ["one for all", [rule({})], { earliest: 14, latest: 14 }],
  ["the shortest of two", [rule({}), rule({ Expiration: { Days: 30 } })], { earliest: 14, latest: 14 }],
  ["one for some", [rule({ Filter: { ObjectSizeGreaterThan: 1 } })], { earliest: 14, latest: NEVER }],
  [
    "one for some that is shorter than that for all",
    [rule({ Filter: { Prefix: "ci/blobs/sha256:0" }, Expiration: { Days: 3 } }), rule({})],
    { earliest: 3, latest: 14 },
  ],
  [
    "one for some that is longer than that for all",
    [rule({ Filter: { Prefix: "ci/blobs/sha256:0" }, Expiration: { Days: 30 } }), rule({})],
    { earliest: 14, latest: 14 },
  ],
  ["a date", [rule({ Expiration: { Date: new Date("2030-01-01") } })], { earliest: 0, latest: NEVER }],
  ["a date beside days", [rule({ Expiration: { Date: new Date(0) } }), rule({})], { earliest: 0, latest: 14 }],
  ["markers alone", [rule({ Expiration: { ExpiredObjectDeleteMarker: true } })], { earliest: NEVER, latest: NEVER }],
  ["a disabled one", [rule({ Status: "Disabled" })], { earliest: NEVER, latest: NEVER }],
])("%s", (_, rules, expiry) => {
  expect(expiryOf(rules, FOLDER)).toEqual(expiry);
});

test("archives that objects are moved to, in one of which nothing can be read; a disabled rule moves nothing", () => {
  const moving = (...classes: string[]) =>
    rule({ Transitions: classes.map((StorageClass) => ({ Days: 1, StorageClass }) as never) });
  expect(archivesOf([moving("STANDARD_IA", "GLACIER")], FOLDER)).toEqual(["GLACIER"]);
  expect(archivesOf([moving("GLACIER_IR"), moving("DEEP_ARCHIVE")], FOLDER)).toEqual(["DEEP_ARCHIVE"]);
  expect(archivesOf([{ ...moving("GLACIER"), Status: "Disabled" }], FOLDER)).toEqual([]);
});
