/** R16: keys, registries' secrets, and roles whose actions are counted one by one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { builderSettings, cell, deployment, KEY_ARN, region } from "./fixture";
import { all, byConfiguration, type Statement, statementsOf, valuesOf } from "./policy-statements";
import { synthesize } from "./synthesized";

describe("customer key", () => {
  const usesKms = ({ actions }: Statement) => actions.some((action) => action.startsWith("kms:"));

  it("is nobody's without a key, and with one theirs who need it", () => {
    const users = Object.fromEntries(
      byConfiguration.map(([name, statements]) => [
        name,
        [...new Set(statements.filter(usesKms).map(({ document }) => document))].sort(),
      ]),
    );
    expect(users).toEqual({
      plain: [],
      everything: [],
      "customer key": ["builder", "replication", "scheduler"],
    });
  });

  it("allows each of them what the EBS User Guide lists for it, in both regions for DLM, and no more", () => {
    const [, statements] = byConfiguration.find(([name]) => name === "customer key")!;
    const allowed = (document: string) =>
      statements
        .filter((one) => one.document === document && usesKms(one))
        .flatMap(({ actions }) => actions)
        .map((action) => action.replace("kms:", ""))
        .sort();
    const launching = [
      ...["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"],
      ...["ReEncryptFrom", "ReEncryptTo"],
    ];
    expect(allowed("builder")).toEqual(launching);
    expect(allowed("scheduler")).toEqual(launching);
    expect(allowed("replication")).toEqual(
      [...launching, "Encrypt", "GenerateDataKey", "ListGrants", "RevokeGrant"].sort(),
    );
  });

  it("is granted on for AWS services only, and is no other key", () => {
    for (const statement of all.filter(usesKms)) {
      expect(statement.resources).toEqual([KEY_ARN]);
      const grants = statement.actions.some((action) => action.includes("Grant"));
      expect(valuesOf(statement, "kms:GrantIsForAWSResource")).toEqual(grants ? ["true"] : []);
    }
  });
});

describe("registries", () => {
  const [, statements] = byConfiguration.find(([name]) => name === "everything")!;
  const of = (sid: string) => statements.find((one) => one.sid === sid)!;

  it("in ECR: pulls from the repositories that the list names, and from what the pull-through cache makes", () => {
    expect(of("PullFromEcr").resources).toEqual(["${local.ci_x86_64_ecr_repositories}"]);
    expect(of("PullThroughEcr").resources).toEqual([expect.stringMatching(/:ecr:.*:repository\/hub\/\*$/)]);
    const pulling = statements.filter(({ actions }) => actions.some((action) => /^ecr:(?!GetAuth)/.test(action)));
    expect(pulling.map(({ sid }) => sid)).toEqual(["PullThroughEcr", "TagNewRepositories", "PullFromEcr"]);
  });

  it("of others: reads their secrets by name, and no other secret", () => {
    const reading = statements.filter(({ actions }) => actions.some((action) => action.startsWith("secretsmanager:")));
    expect(reading.map(({ actions, resources }) => ({ actions, resources }))).toEqual([
      {
        actions: ["secretsmanager:GetSecretValue"],
        resources: [expect.stringMatching(/:secretsmanager:.*:secret:ci\/ghcr-\?{6}$/)],
      },
    ]);
  });

  it("need no right where the list names none of them", () => {
    const bare = synthesize(deployment({ regions: [region({ cells: [cell({ builder: builderSettings() })] })] }));
    const actions = Object.values(bare).flatMap((stack) => statementsOf(stack, "bare").flatMap((one) => one.actions));
    expect(actions.filter((action) => action.startsWith("secretsmanager:"))).toEqual([]);
  });
});

describe("keys of registries' secrets", () => {
  const secretKey = KEY_ARN.replace("11111111", "99999999");
  const login = { host: "ghcr.io", secretName: "ci/ghcr", kmsKeyArn: secretKey };

  it("are for reading those secrets, by the builder alone", () => {
    const builder = builderSettings({ registries: [login, { ...login, host: "quay.io" }] });
    const stacks = synthesize(deployment({ regions: [region({ cells: [cell({ builder })] })] }));
    const statements = Object.values(stacks).flatMap((stack) => statementsOf(stack, "key"));
    const users = statements.filter(({ actions }) => actions.some((action) => action.startsWith("kms:")));
    expect(users.map(({ document, actions, resources }) => ({ document, actions, resources }))).toEqual([
      { document: "builder", actions: ["kms:Decrypt"], resources: [secretKey] },
    ]);
    expect(valuesOf(users[0]!, "kms:ViaService")).toEqual([expect.stringMatching(/^secretsmanager\./)]);
  });
});

describe("rotation's role", () => {
  it("has exactly the actions in the table of lambda-src/rotation/ports.ts, and what Lambda itself needs", () => {
    const table = readFileSync(join(__dirname, "../../lambda-src/rotation/ports.ts"), "utf8")
      .split("\n")
      .filter((line) => /^ \* \| (?!port call|-)/.test(line))
      .map((line) => line.split("|")[2]!.trim());
    const platform = [
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "sqs:SendMessage",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ];
    expect(table.length).toBeGreaterThan(20);
    const granted = byConfiguration[0]![1]
      .filter(({ document }) => document === "rotation")
      .flatMap((one) => one.actions);
    expect([...new Set(granted)].sort()).toEqual([...new Set([...table, ...platform])].sort());
  });
});

describe("DLM's role", () => {
  /** EC2 actions of AWSDataLifecycleManagerServiceRole, version 10. */
  const DOCUMENTED = [
    ...[
      "CopySnapshot",
      "CreateSnapshot",
      "CreateSnapshots",
      "CreateTags",
      "DeleteSnapshot",
      "DescribeAvailabilityZones",
    ],
    ...["DescribeFastSnapshotRestores", "DescribeInstances", "DescribeSnapshotAttribute", "DescribeSnapshotTierStatus"],
    ...["DescribeSnapshots", "DescribeVolumes", "DisableFastSnapshotRestores", "EnableFastSnapshotRestores"],
    ...["ModifySnapshotAttribute", "ModifySnapshotTier"],
  ].map((action) => `ec2:${action}`);

  it("has documented actions only, tags snapshots alone", () => {
    const statements = all.filter(({ document }) => document === "replication");
    for (const statement of statements.filter(({ actions }) => actions.some((action) => action.startsWith("ec2:")))) {
      for (const action of statement.actions) expect(DOCUMENTED).toContain(action);
      if (statement.actions.includes("ec2:CreateTags"))
        expect(statement.resources).toEqual(["arn:${data.aws_partition.current.partition}:ec2:*::snapshot/*"]);
    }
  });
});
