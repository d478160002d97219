import { arn, cellOf } from "../sample";

test("images are the contract's lines, in order whatever their order", () => {
  const images = [
    "redis:8",
    { reference: "node:22", optional: true, warm: "whole", smoke: "node -v" },
    { reference: "alpine" },
  ];
  expect(cellOf({ images }).builder!.images).toEqual([
    "alpine",
    "node:22 optional warm=whole smoke=node -v",
    "redis:8",
  ]);
});

test("a region that is copied from says to where, when, and on which schedule", () => {
  const top = {
    regions: {
      "us-west-2": { copy_from: "eu-west-1", dlm_schedule: 2 },
      "us-east-1": { copy_from: "eu-west-1", kms_key_arn: arn("us-east-1") },
      "eu-west-1": {},
    },
  };
  expect(cellOf({}, top).builder).toMatchObject({
    replicateAt: "06:00",
    copyTo: [
      { region: "us-east-1", kmsKeyArn: arn("us-east-1"), schedule: 1 },
      { region: "us-west-2", kmsKeyArn: null, schedule: 2 },
    ],
  });
  expect(cellOf({ build: { replicate_at: "20:00" } }, top).builder!.replicateAt).toBe("20:00");
});

test("a region's registries take the place of the cache's", () => {
  const regions = { "eu-west-1": { registries: [{ host: "b.io", secret_name: "y", kms_key_arn: arn("eu-west-1") }] } };
  expect(cellOf({ registries: [{ host: "a.io", secret_name: "x" }], regions }).builder!.registries).toEqual([
    { host: "b.io", secretName: "y", kmsKeyArn: arn("eu-west-1") },
  ]);
});
