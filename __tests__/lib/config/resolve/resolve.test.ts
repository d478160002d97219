import { resolveConfig } from "../../../../lib/config/resolve-config";
import { arn, cellOf, configOf, copying } from "../sample";

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

test("everything by default", () => {
  const common = {
    name: "ci",
    architecture: "x86_64",
    tags: {},
    permissionsBoundaryArn: null,
    rolePath: "/",
    kmsKeyArn: null,
  };
  const network = {
    subnetId: null,
    associatePublicIpAddress: null,
    securityGroupIds: [],
    proxy: { http: null, https: null, no: null },
  };
  const instance = {
    imageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    rootDeviceName: "/dev/xvda",
    rootVolumeSizeGib: 30,
  };
  expect(cellOf()).toEqual({
    region: "eu-west-1",
    cache: "ci",
    architecture: "x86_64",
    builder: {
      ...common,
      logRetentionDays: 30,
      images: ["python:3.12-slim"],
      imagesFrom: [],
      store: "overlay2",
      instance: { ...instance, instanceType: "m6i.xlarge" },
      volume: { type: "gp3", iops: null, throughputMibps: null, sizeGib: 100, fileSystem: "xfs", generation: 1 },
      buildAt: ["02:00"],
      scheduleExpression: null,
      timeZone: "UTC",
      launchRetryMinutes: 60,
      watchdogMinutes: 120,
      replicateAt: null,
      copyTo: [],
      copyRetentionDays: 14,
      network,
      registries: [],
      pullThrough: {},
      parallelPulls: 4,
      hotSetPercent: 20,
    },
    rotation: {
      ...common,
      logRetentionDays: 30,
      store: "overlay2",
      maxEngine: null,
      copyFrom: null,
      copyProof: "dlm",
      copyRetentionDays: 14,
      cadenceHours: 24,
      keepLast: 3,
      keepWithinDays: 0,
      minKeep: 2,
      deletionGraceHours: 24,
      maxDeletionsPerRun: 2,
      fastRestoreZones: [],
      watchdogMinutes: 120,
      reconcileMinutes: 10,
      alarms: "all",
      lambdaRuntime: "nodejs22.x",
      reservedConcurrency: 1,
      recycleBinDays: null,
    },
    worker: {
      ...common,
      store: "overlay2",
      instance: { ...instance, instanceType: "m6i.large" },
      volume: { type: "gp3", iops: null, throughputMibps: null, sizeGib: 150 },
      warmth: "lazy",
      initializationRateMibps: null,
      hydrate: "all",
      hydrateRateMibps: 80,
      start: "early",
      timeoutSeconds: 60,
      minFreeGib: 5,
      network,
      metadataHopLimit: 1,
      instanceProfileName: null,
      pullThrough: {},
      policyArns: [],
      script: null,
    },
  });
});

test("lists whose order says nothing are sorted", () => {
  const { builder, rotation, worker } = cellOf(
    {
      build: { at: ["14:00", "02:00"] },
      registries: ["b.io", "a.io", "c.io"].map((host) => ({ host, secret_name: "x" })),
      pull_through: { "quay.io": "quay", "docker.io": "hub" },
      worker: { policy_arns: ["arn:aws:iam::aws:policy/B", "arn:aws:iam::aws:policy/A"] },
    },
    {
      regions: {
        "eu-west-1": {
          fast_restore_zones: ["eu-west-1b", "eu-west-1a"],
          builder: { security_group_ids: ["sg-22222222", "sg-11111111"] },
        },
      },
    },
  );
  expect(builder!.buildAt).toEqual(["02:00", "14:00"]);
  expect(builder!.registries.map(({ host }) => host)).toEqual(["a.io", "b.io", "c.io"]);
  expect(Object.keys(builder!.pullThrough)).toEqual(["docker.io", "quay.io"]);
  expect(builder!.network.securityGroupIds).toEqual(["sg-11111111", "sg-22222222"]);
  expect(rotation.fastRestoreZones).toEqual(["eu-west-1a", "eu-west-1b"]);
  expect(worker.policyArns[0]).toMatch(/A$/);
});
