import { resolveConfig } from "../../../../lib/config/resolve/resolve";
import { arn, configOf, copying } from "../sample";

test("regions, caches and architectures are cells, sorted by name", () => {
  const cache = { images: ["a"], architectures: { arm64: {}, x86_64: {} } };
  const config = configOf(
    {},
    { ...copying("us-east-1", "ap-southeast-1"), caches: { web: cache, ci: { images: ["a"] } } },
  );
  const { regions } = resolveConfig(config);
  expect(regions.map(({ name }) => name)).toEqual(["ap-southeast-1", "eu-west-1", "us-east-1"]);
  expect(regions[1]!.cells.map(({ region, cache: name, architecture }) => [region, name, architecture])).toEqual([
    ["eu-west-1", "ci", "x86_64"],
    ["eu-west-1", "web", "x86_64"],
    ["eu-west-1", "web", "arm64"],
  ]);
});

test("a region without a cache has no cell of it", () => {
  const config = configOf({ regions: { "us-east-1": { enabled: false } } }, copying("us-east-1"));
  expect(resolveConfig(config).regions.map(({ cells }) => cells.length)).toEqual([1, 0]);
});

test("what is said of the whole and of a region", () => {
  const top = {
    project: "images",
    tags: { b: "2", a: "1" },
    regions: { "eu-west-1": { kms_key_arn: arn("eu-west-1"), notifications: { email: "a@example.com" } } },
  };
  const resolved = resolveConfig(configOf({}, top));
  expect(resolved).toMatchObject({
    project: "images",
    awsProviderVersion: ">= 5.100.0, < 7.0.0",
    state: { backend: "local" },
    regions: [{ kmsKeyArn: arn("eu-west-1"), notifications: { email: "a@example.com", topicArn: null } }],
  });
  expect(Object.keys(resolved.tags)).toEqual(["a", "b"]);
});

test("state in S3", () => {
  const state = { backend: "s3", bucket: "my-state", region: "eu-west-1", kms_key_arn: arn("eu-west-1") };
  expect(resolveConfig(configOf({}, { state })).state).toEqual({
    backend: "s3",
    bucket: "my-state",
    region: "eu-west-1",
    keyPrefix: "docker-cache",
    kmsKeyArn: arn("eu-west-1"),
  });
});
