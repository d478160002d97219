/** A small deployment, resolved: literals as lib/config would give them. */
import type { BuilderSettings, Cell, Common, Deployment, Network, Region, WorkerSettings } from "../../lib/config/cell";
import type { Architecture } from "../../lib/contract";

export const KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";

const network: Network = {
  subnetId: null,
  associatePublicIpAddress: null,
  securityGroupIds: [],
  proxy: { http: null, https: null, no: null },
};

function common(name: string, architecture: Architecture): Common {
  return {
    name,
    architecture,
    tags: { team: "ci" },
    permissionsBoundaryArn: null,
    rolePath: "/",
    kmsKeyArn: null,
  };
}

const instance = {
  imageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
  instanceType: "m6i.large",
  rootDeviceName: "/dev/xvda",
  rootVolumeSizeGib: 30,
};

export function builderSettings(overrides: Partial<BuilderSettings> = {}): BuilderSettings {
  return {
    ...common("ci", "x86_64"),
    logRetentionDays: 30,
    images: ["python:3.12-slim", "node:22 optional", "redis:7 smoke=redis-server --version"],
    imagesFrom: [],
    store: "overlay2",
    instance,
    volume: { sizeGib: 100, type: "gp3", iops: null, throughputMibps: null, fileSystem: "xfs", generation: 1 },
    buildAt: ["04:30"],
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
    ...overrides,
  };
}

export function rotationSettings(overrides: Partial<Cell["rotation"]> = {}): Cell["rotation"] {
  return {
    ...common("ci", "x86_64"),
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
    ...overrides,
  };
}

export function workerSettings(overrides: Partial<WorkerSettings> = {}): WorkerSettings {
  return {
    ...common("ci", "x86_64"),
    store: "overlay2",
    instance,
    volume: { sizeGib: 150, type: "gp3", iops: null, throughputMibps: null },
    warmth: "lazy",
    initializationRateMibps: null,
    hydrate: "all",
    hydrateRateMibps: 80,
    start: "early",
    timeoutSeconds: 60,
    minFreeGib: 10,
    network,
    metadataHopLimit: 1,
    instanceProfileName: null,
    pullThrough: {},
    policyArns: [],
    script: null,
    ...overrides,
  };
}

export function cell(overrides: Partial<Cell> = {}): Cell {
  return {
    region: "eu-west-1",
    cache: "ci",
    architecture: "x86_64",
    builder: builderSettings(),
    rotation: rotationSettings(),
    worker: workerSettings(),
    ...overrides,
  };
}

export function region(overrides: Partial<Region> = {}): Region {
  return {
    name: "eu-west-1",
    notifications: { email: "ops@example.com", topicArn: null },
    kmsKeyArn: null,
    cells: [cell()],
    companions: [],
    ...overrides,
  };
}

/** One cache that the first region builds and the second copies. */
export function deployment(overrides: Partial<Deployment> = {}): Deployment {
  const copies = [{ region: "us-east-1", kmsKeyArn: null, schedule: 1 }];
  return {
    project: "docker-cache",
    tags: { team: "ci" },
    state: { backend: "local" },
    awsProviderVersion: ">= 5.100.0, < 7.0.0",
    regions: [
      region({ cells: [cell({ builder: builderSettings({ replicateAt: "09:00", copyTo: copies }) })] }),
      region({
        name: "us-east-1",
        cells: [cell({ region: "us-east-1", builder: null, rotation: rotationSettings({ copyFrom: "eu-west-1" }) })],
      }),
    ],
    ...overrides,
  };
}
