import {
  buildingRegions,
  copyingRegions,
  isCopied,
  regionalOf,
  regionalPath,
  regionsOf,
} from "../../../../lib/config/resolve/regional";
import { arn, configOf } from "../sample";

const config = configOf(
  {
    regions: {
      "us-east-1": { copy_from: null, builder: { subnet_id: null, security_group_ids: ["sg-11111111"] } },
      "us-east-2": { enabled: false },
      "us-west-1": { proxy: { http: "http://cache:1" } },
    },
  },
  {
    regions: {
      "us-west-1": { copy_from: "eu-west-1", proxy: { http: "http://region:1", no: "local" } },
      "us-east-2": { copy_from: "eu-west-1" },
      "us-east-1": {
        copy_from: "eu-west-1",
        kms_key_arn: arn("us-east-1"),
        builder: { subnet_id: "subnet-11111111", associate_public_ip_address: true },
      },
      "eu-west-1": {},
    },
  },
);

test("a cache is in every region that does not leave it out, in order", () => {
  expect(regionsOf(config, "ci")).toEqual(["eu-west-1", "us-east-1", "us-west-1"]);
});

test("a cache's setting wins over the region's key by key, null included", () => {
  expect(regionalOf(config, "ci", "us-east-1")).toEqual({
    copy_from: null,
    dlm_schedule: 1,
    kms_key_arn: arn("us-east-1"),
    fast_restore_zones: [],
    builder: { subnet_id: null, associate_public_ip_address: true, security_group_ids: ["sg-11111111"] },
    worker: { subnet_id: null, associate_public_ip_address: null, security_group_ids: [] },
    proxy: { http: null, https: null, no: null },
    notifications: { email: null, topic_arn: null },
  });
  expect(regionalOf(config, "ci", "us-west-1").proxy).toEqual({ http: "http://cache:1", https: null, no: "local" });
});

test("regions build or copy", () => {
  expect(buildingRegions(config, "ci")).toEqual(["eu-west-1", "us-east-1"]);
  expect(copyingRegions(config, "ci", "eu-west-1")).toEqual(["us-west-1"]);
  expect(copyingRegions(config, "ci", "us-east-1")).toEqual([]);
  expect(isCopied(config, "ci")).toBe(true);
  expect(isCopied(configOf(), "ci")).toBe(false);
});

test("a value's path is that of the override where that gives it", () => {
  expect(regionalPath(config, "ci", "us-east-1", "copy_from")).toEqual([
    "caches",
    "ci",
    "regions",
    "us-east-1",
    "copy_from",
  ]);
  expect(regionalPath(config, "ci", "us-east-1", "kms_key_arn")).toEqual(["regions", "us-east-1", "kms_key_arn"]);
  expect(regionalPath(config, "ci", "us-east-1", "builder", "subnet_id")[0]).toBe("caches");
  expect(regionalPath(config, "ci", "us-east-1", "worker", "subnet_id")[0]).toBe("regions");
  expect(regionalPath(config, "ci", "eu-west-1", "worker", "subnet_id")[0]).toBe("regions");
});
