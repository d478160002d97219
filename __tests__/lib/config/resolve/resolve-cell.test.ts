import { resolveCell } from "../../../../lib/config/resolve/resolve-cell";
import { arn, configOf, copying } from "../sample";

const cell = (cache: object = {}, top: object = {}, region = "eu-west-1") =>
  resolveCell(configOf(cache, top), region, "ci", "x86_64");

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
  expect(cell()).toEqual({
    region: "eu-west-1",
    cache: "ci",
    architecture: "x86_64",
    builder: {
      ...common,
      logRetentionDays: 30,
      images: ["python:3.12-slim"],
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
    },
    rotation: {
      ...common,
      logRetentionDays: 30,
      store: "overlay2",
      maxEngine: null,
      copyFrom: null,
      copyProof: "dlm",
      cadenceHours: 24,
      keepLast: 3,
      keepWithinDays: 0,
      minKeep: 2,
      deletionGraceHours: 24,
      maxDeletionsPerRun: 2,
      fastRestoreZones: [],
      watchdogMinutes: 120,
      reconcileMinutes: 10,
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
      hydrate: "hot",
      hydrateRateMibps: null,
      timeoutSeconds: 60,
      minFreeGib: 5,
      network,
      metadataHopLimit: 1,
      instanceProfileName: null,
      policyArns: [],
      script: null,
    },
  });
});

test("images are the contract's lines, in order whatever their order", () => {
  const images = ["redis:8", { reference: "node:22", optional: true, smoke: "node -v" }, { reference: "alpine" }];
  expect(cell({ images }).builder!.images).toEqual(["alpine", "node:22 optional smoke=node -v", "redis:8"]);
});

test("a region that is copied from says to where, when, and on which schedule", () => {
  const top = {
    regions: {
      "us-west-2": { copy_from: "eu-west-1", dlm_schedule: 2 },
      "us-east-1": { copy_from: "eu-west-1", kms_key_arn: arn("us-east-1") },
      "eu-west-1": {},
    },
  };
  expect(cell({}, top).builder).toMatchObject({
    replicateAt: "06:00",
    copyTo: [
      { region: "us-east-1", kmsKeyArn: arn("us-east-1"), schedule: 1 },
      { region: "us-west-2", kmsKeyArn: null, schedule: 2 },
    ],
  });
  expect(cell({ build: { replicate_at: "20:00" } }, top).builder!.replicateAt).toBe("20:00");
});

test("a region that copies has no builder, and no cadence below a day", () => {
  const build = { at: ["02:00", "14:00"] };
  const copy = cell({ build }, copying("us-east-1"), "us-east-1");
  expect(copy.builder).toBeNull();
  expect(copy.rotation).toMatchObject({ copyFrom: "eu-west-1", cadenceHours: 24 });
  expect(cell({ build }, copying("us-east-1")).rotation).toMatchObject({ copyFrom: null, cadenceHours: 12 });
});

test("the function's runtime is what is given, else what every AWS provider of the file takes", () => {
  const of = (rotation: object, top: object = {}) => cell({ rotation }, top).rotation.lambdaRuntime;
  const newer = { aws_provider_version: "~> 6.19" };
  expect([of({}), of({}, newer), of({ lambda_runtime: "nodejs22.x" }, newer)]).toEqual([
    ...["nodejs22.x", "nodejs24.x", "nodejs22.x"],
  ]);
});

test("addresses: none in a subnet that is named, unless asked for", () => {
  const of = (worker: object) => cell({}, { regions: { "eu-west-1": { worker } } }).worker.network;
  const subnet_id = "subnet-11111111";
  expect(of({ subnet_id })).toMatchObject({ subnetId: subnet_id, associatePublicIpAddress: false });
  expect(of({ subnet_id, associate_public_ip_address: true }).associatePublicIpAddress).toBe(true);
  expect(of({}).associatePublicIpAddress).toBeNull();
});

test("lists whose order says nothing are sorted", () => {
  const { builder, rotation, worker } = cell(
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

test("a region's registries take the place of the cache's", () => {
  const regions = { "eu-west-1": { registries: [{ host: "b.io", secret_name: "y", kms_key_arn: arn("eu-west-1") }] } };
  expect(cell({ registries: [{ host: "a.io", secret_name: "x" }], regions }).builder!.registries).toEqual([
    { host: "b.io", secretName: "y", kmsKeyArn: arn("eu-west-1") },
  ]);
});

test("a worker's volume has room over the builder's, or its own size", () => {
  expect(cell({ volume: { size_gib: 20 } }).worker.volume.sizeGib).toBe(70);
  expect(cell({ volume: { size_gib: 20 }, worker: { volume: { size_gib: 25 } } }).worker.volume.sizeGib).toBe(25);
});
