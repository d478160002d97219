/** R16: permissions of each of our roles, walked over the synthesized JSON of several configurations. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BUILDER_VOLUME_TAGS, METRIC_NAMESPACE, ROLES, TAG } from "../../lib/contract";
import { builderSettings, cell, deployment, KEY_ARN, region, rotationSettings, workerSettings } from "./fixture";
import { type Json, type StackJson, synthesize } from "./synthesized";

interface Condition {
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

interface Statement {
  /** `configuration: stack: document`, for messages. */
  readonly where: string;
  /** Name of the document without the cell's: `builder`, `scheduler_trust`, `alarms`, … */
  readonly document: string;
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principals?: Json;
  readonly condition: readonly Condition[];
}

const copyTo = [{ region: "us-east-1", kmsKeyArn: null, schedule: 1 }];
const images = ["python:3.12", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b:1"];
const everything = {
  images,
  copyTo,
  replicateAt: "09:00",
  registries: [{ host: "ghcr.io", secretName: "ci/ghcr", kmsKeyArn: null }],
  pullThrough: { "docker.io": "hub" },
};
const keyed = { kmsKeyArn: KEY_ARN };

/** As a configuration would resolve: with nothing, with everything, and with everything and a customer key. */
const CONFIGURATIONS = {
  plain: deployment(),
  everything: deployment({
    regions: [region({ cells: [cell({ builder: builderSettings(everything) })] })],
  }),
  "customer key": deployment({
    regions: [
      region({
        ...keyed,
        cells: [
          cell({
            builder: builderSettings({ ...everything, ...keyed }),
            rotation: rotationSettings({ ...keyed, recycleBinDays: 7 }),
            worker: workerSettings(keyed),
          }),
        ],
      }),
    ],
  }),
};

function statementsOf(stack: StackJson, where: string): Statement[] {
  return Object.entries(stack.data.aws_iam_policy_document ?? {}).flatMap(([name, document]) => {
    const dynamic = [document.dynamic?.statement ?? []].flat().map(({ content }: Json) => content);
    return [...document.statement, ...dynamic].map((statement: Json) => ({
      resources: [],
      condition: [],
      ...statement,
      ...(typeof statement.resources === "string" && { resources: [statement.resources] }),
      where: `${where}: ${name}: ${statement.sid}`,
      document: name.replace("ci_x86_64_", ""),
    }));
  });
}

const synthesized = Object.entries(CONFIGURATIONS).map(([name, wanted]) => [name, synthesize(wanted)] as const);
const plainBuilder = synthesized[0]![1]["docker-cache-builder-eu-west-1"]!;
const byConfiguration = synthesized.map(([name, stacks]) => {
  const statements = Object.entries(stacks).flatMap(([stack, json]) => statementsOf(json, `${name}: ${stack}`));
  return [name, statements] as const;
});
const all = byConfiguration.flatMap(([, statements]) => statements);
const permissions = all.filter(({ document }) => !document.endsWith("_trust") && document !== "alarms");
const ours = permissions.filter(({ document }) => document !== "replication");

const valuesOf = ({ condition }: Statement, variable: string) =>
  condition.filter((one) => one.variable === variable).flatMap(({ values }) => values);
const places = (statements: readonly Statement[]) => statements.map(({ where }) => where);
const kindsOf = ({ resources }: Statement) => [
  ...new Set(resources.map((arn) => /(?:::|:|\.)([a-z-]+)(?:\/|\.)[^:]*$/.exec(arn)?.[1] ?? arn)),
];

/** Actions that IAM knows no resource for (Service Authorization Reference). */
const WITHOUT_RESOURCE = [
  /^(ec2|autoscaling):Describe/,
  /^ecr:GetAuthorizationToken$/,
  /^xray:Put/,
  /^cloudwatch:PutMetricData$/,
];

describe("R16: permissions", () => {
  it("are found at all", () => {
    expect(new Set(permissions.map(({ document }) => document))).toEqual(
      new Set(["builder", "scheduler", "replication", "rotation", "worker"]),
    );
    expect(permissions.length).toBeGreaterThan(80);
  });

  it("have no wildcard in an action", () => {
    expect(places(all.filter(({ actions }) => actions.some((action) => action.includes("*"))))).toEqual([]);
  });

  it("are on every resource only where IAM knows none", () => {
    const broad = ours.filter(
      ({ resources, actions }) =>
        resources.includes("*") && !actions.every((action) => WITHOUT_RESOURCE.some((known) => known.test(action))),
    );
    expect(places(broad)).toEqual([]);
  });

  it("never make a log group", () => {
    expect(places(all.filter(({ actions }) => actions.includes("logs:CreateLogGroup")))).toEqual([]);
  });

  it("have statements that can be told apart", () => {
    expect(new Set(places(all)).size).toBe(all.length);
  });
});

describe("R16: mutating EC2 actions of our roles", () => {
  const mutating = ours.filter(({ actions }) => actions.some((action) => /^ec2:(?!Describe)/.test(action)));
  const on = (...kinds: string[]) =>
    mutating.filter(
      (statement) => statement.sid !== "LaunchBuilder" && kindsOf(statement).some((kind) => kinds.includes(kind)),
    );
  const tagsOf = (statement: Statement) =>
    Object.fromEntries(
      [TAG.name, TAG.architecture, TAG.role, TAG.consume].map((key) => [
        key,
        [...valuesOf(statement, `aws:ResourceTag/${key}`), ...valuesOf(statement, `aws:RequestTag/${key}`)],
      ]),
    );

  it("on instances and volumes are conditioned on name, architecture and role", () => {
    const found = on("instance", "volume", "network-interface");
    expect(found.length).toBeGreaterThan(10);
    for (const statement of found) {
      expect({ where: statement.where, ...tagsOf(statement) }).toMatchObject({
        [TAG.name]: ["ci"],
        [TAG.architecture]: ["x86_64"],
        [TAG.role]: [expect.stringMatching(/^(builder|cache-volume)$/)],
      });
    }
  });

  it("on snapshots are conditioned on name and architecture", () => {
    const found = on("snapshot");
    expect(found.length).toBeGreaterThan(8);
    for (const statement of found) {
      expect({ where: statement.where, ...tagsOf(statement) }).toMatchObject({
        [TAG.name]: ["ci"],
        [TAG.architecture]: ["x86_64"],
      });
    }
  });

  it("on launch templates are conditioned on the consent of the template", () => {
    const found = on("launch-template");
    expect(found.length).toBeGreaterThan(2);
    for (const statement of found) {
      expect({ where: statement.where, ...tagsOf(statement) }).toMatchObject({ [TAG.consume]: ["ci/x86_64"] });
    }
  });

  it("leave none out", () => {
    const seen = on("instance", "volume", "network-interface", "snapshot", "launch-template");
    expect(places(mutating.filter((one) => !seen.includes(one) && one.sid !== "LaunchBuilder"))).toEqual([]);
  });

  it("launch from the builder's template alone", () => {
    const launches = permissions.filter(({ actions }) => actions.includes("ec2:RunInstances"));
    expect(launches.length).toBeGreaterThan(2);
    for (const launch of launches) {
      expect(launch.document).toBe("scheduler");
      expect(launch.actions).toEqual(["ec2:RunInstances"]);
      expect(valuesOf(launch, "ec2:LaunchTemplate")).toEqual(["${aws_launch_template.ci_x86_64_builder.arn}"]);
      expect(valuesOf(launch, "ec2:IsLaunchTemplateResource")).toEqual(["true"]);
      expect(launch.resources).not.toContain("*");
    }
  });

  it("read, for a launch, the AMI's parameter and no other", () => {
    const reads = permissions.filter(
      ({ document, actions }) => document === "scheduler" && actions.some((action) => action.startsWith("ssm:")),
    );
    expect(reads).toHaveLength(synthesized.length);
    for (const { actions, resources } of reads) {
      expect(actions).toEqual(["ssm:GetParameters"]);
      // One ARN of a parameter of the account's own, one of a public one.
      expect(resources).toEqual([
        expect.stringMatching(/account_id\}:parameter\/\$\{trimprefix\(statement\.value, "\/"\)\}$/),
        expect.stringMatching(/id\}::parameter\/\$\{trimprefix\(statement\.value, "\/"\)\}$/),
      ]);
    }
    const { for_each } = plainBuilder.data.aws_iam_policy_document!.ci_x86_64_scheduler.dynamic.statement;
    expect(for_each).toMatch(
      /^\$\{flatten\(regexall\("\^resolve:ssm:\(\[\^:\]\+\)", "resolve:ssm:\/aws\/service\/ecs\//,
    );
  });

  it("are, of Scheduler's and of the builder's role, no others than these", () => {
    const actionsOf = (document: string) => [
      ...new Set(permissions.filter((one) => one.document === document).flatMap(({ actions }) => actions)),
    ];
    const own = (actions: string[]) => actions.filter((action) => !action.startsWith("kms:")).sort();
    expect(own(actionsOf("scheduler"))).toEqual([
      ...["ec2:CreateTags", "ec2:RunInstances", "iam:PassRole", "sqs:SendMessage", "ssm:GetParameters"],
    ]);
    expect(own(actionsOf("builder"))).toEqual([
      ...["ec2:AttachVolume", "ec2:CreateSnapshot", "ec2:CreateTags"],
      ...["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"],
      ...["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage"],
      ...["ecr:CreateRepository", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"],
      ...["logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:GetSecretValue"],
      ...["ssm:GetParameter", "ssm:GetParametersByPath"],
    ]);
  });

  it("change tags of named keys only", () => {
    const tagging = ours.filter(({ actions }) => actions.some((action) => /^ec2:(Create|Delete)Tags$/.test(action)));
    const keys = (sid: string) => [
      ...new Set(tagging.filter((one) => one.sid === sid).flatMap((one) => valuesOf(one, "aws:TagKeys"))),
    ];
    for (const { where, condition } of tagging) {
      const tests = condition.filter(({ variable }) => variable === "aws:TagKeys").map(({ test }) => test);
      // A new snapshot gets all tags of the volume, which a provider or a tag policy may have added to. So the steering ones are named.
      const wanted = /TagNewSnapshot$/.test(where)
        ? ["ForAllValues:StringNotEquals"]
        : ["ForAllValues:StringEquals", "Null"];
      expect({ where, tests }).toEqual({ where, tests: wanted });
    }
    expect(keys("TagNewSnapshot").sort()).toEqual(
      [TAG.consume, TAG.deleteAfter, TAG.pin, TAG.replicate, TAG.role].sort(),
    );
    expect(keys("TagOutcome")).toEqual([TAG.outcome, "false"]);
    expect(keys("TagCacheVolume").sort()).toEqual([...BUILDER_VOLUME_TAGS, "false"].sort());
    expect(keys("AnnounceDeletion")).toEqual([TAG.deleteAfter, "false"]);
  });

  it("tag snapshots and instances only while they are made, but for what says when they go", () => {
    const creating = (sid: string) =>
      ours.filter((one) => one.sid === sid).map((one) => valuesOf(one, "ec2:CreateAction"));
    expect(creating("TagNewSnapshot")).toEqual(Array(3).fill(["CreateSnapshot"]));
    expect(creating("TagBuilder")).toEqual(Array(3).fill(["RunInstances"]));
  });
});

describe("workers, their volumes and the builder's root disk", () => {
  const worker = { [TAG.name]: "ci", [TAG.architecture]: "x86_64", [TAG.role]: ROLES.worker };
  const rootDisk = { ...worker, [TAG.role]: ROLES.builder };

  /** Statements whose conditions on tags a resource of this kind with these tags meets. */
  const reaching = (kind: string, tags: Record<string, string>) =>
    ours.filter(
      (statement) =>
        statement.actions.some((action) => /^ec2:(?!Describe)/.test(action)) &&
        kindsOf(statement).includes(kind) &&
        !["LaunchBuilder", "TagBuilder"].includes(statement.sid) &&
        statement.condition
          .filter(({ variable }) => variable.startsWith("aws:ResourceTag/"))
          .every(({ variable, values }) => values.includes(tags[variable.replace("aws:ResourceTag/", "")] ?? "")),
    );

  it("are out of reach of every role", () => {
    expect(places(reaching("instance", worker))).toEqual([]);
    expect(places(reaching("volume", worker))).toEqual([]);
    expect(places(reaching("volume", rootDisk))).toEqual([]);
    expect(reaching("volume", { ...worker, [TAG.role]: ROLES.cacheVolume }).length).toBeGreaterThan(0);
  });

  it("are no target of DLM", () => {
    for (const [, stacks] of synthesized) {
      for (const { resource } of Object.values(stacks)) {
        for (const template of Object.values(resource.aws_launch_template ?? {}))
          expect(JSON.stringify(template.tag_specifications)).not.toContain(TAG.replicate);
      }
    }
  });
});

describe("metrics", () => {
  it("that alarms look at are written by no role, but through rotation's own log", () => {
    const writers = permissions.filter(({ actions }) => actions.includes("cloudwatch:PutMetricData"));
    expect(writers.length).toBeGreaterThan(0);
    for (const writer of writers) {
      const namespaces = valuesOf(writer, "cloudwatch:namespace");
      expect({ where: writer.where, namespaces: namespaces.length }).toEqual({ where: writer.where, namespaces: 1 });
      expect(namespaces).not.toContain(METRIC_NAMESPACE);
    }
    const loggers = permissions.filter(({ actions }) => actions.includes("logs:PutLogEvents"));
    expect(
      new Set(loggers.flatMap(({ document, resources }) => resources.map((log) => `${document}: ${log}`))),
    ).toEqual(
      new Set(["builder", "rotation"].map((noun) => `${noun}: \${aws_cloudwatch_log_group.ci_x86_64_${noun}.arn}:*`)),
    );
  });
});

describe("trust and resource policies", () => {
  const trusts = all.filter(({ document }) => document.endsWith("_trust"));

  it.each(["scheduler_trust", "replication_trust", "rotation_trust"])("%s names the account", (document) => {
    const found = trusts.filter((statement) => statement.document === document);
    expect(found.length).toBeGreaterThan(0);
    for (const statement of found)
      expect(valuesOf(statement, "aws:SourceAccount")).toEqual(["${data.aws_caller_identity.current.account_id}"]);
  });

  it.each(["scheduler_trust", "replication_trust"])("%s names the source", (document) => {
    for (const statement of trusts.filter((one) => one.document === document))
      expect(valuesOf(statement, "aws:SourceArn")).toHaveLength(1);
  });

  it("are without a condition for EC2 alone, which is not documented to send one", () => {
    const bare = trusts.filter(({ condition }) => condition.length === 0);
    expect(new Set(bare.map(({ document }) => document))).toEqual(new Set(["builder_trust", "worker_trust"]));
    for (const { principals } of bare)
      expect(principals).toEqual([{ type: "Service", identifiers: ["${data.aws_service_principal.ec2.name}"] }]);
  });

  it("let only alarms of this account use the topic", () => {
    const [statement] = all.filter(({ document }) => document === "alarms");
    expect(statement!.actions).toEqual(["sns:Publish"]);
    expect(valuesOf(statement!, "aws:SourceAccount")).toHaveLength(1);
    expect(valuesOf(statement!, "aws:SourceArn")[0]).toMatch(/:cloudwatch:.*:alarm:\*$/);
  });
});

describe("roles", () => {
  const bound = { permissionsBoundaryArn: "arn:x:boundary", rolePath: "/ci/" };
  const bounded = synthesize(
    deployment({
      regions: [
        region({
          cells: [
            cell({
              builder: builderSettings({ ...everything, ...bound }),
              rotation: rotationSettings(bound),
              worker: workerSettings(bound),
            }),
          ],
        }),
      ],
    }),
  );

  it("all have the permissions boundary and the path that are asked for", () => {
    const roles = Object.values(bounded).flatMap(({ resource }) => Object.values(resource.aws_iam_role ?? {}));
    expect(roles).toHaveLength(5);
    for (const role of roles) expect(role).toMatchObject({ permissions_boundary: "arn:x:boundary", path: "/ci/" });
    const profiles = Object.values(bounded).flatMap(({ resource }) =>
      Object.values(resource.aws_iam_instance_profile ?? {}),
    );
    expect(profiles.map(({ path }) => path)).toEqual(["/ci/", "/ci/"]);
  });
});

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
    expect(pulling.map(({ sid }) => sid)).toEqual(["PullThroughEcr", "PullFromEcr"]);
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
