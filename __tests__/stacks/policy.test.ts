/** R16: what every role may do, and who may assume it. Of EC2: policy-ec2.test.ts; of keys and secrets: policy-keys.test.ts. */
import { METRIC_NAMESPACE } from "../../lib/contract";
import { synthesizeEverything } from "../../scripts/generate/everything";
import { NOUNS } from "../../stacks/nouns";
import { builderSettings, cell, deployment, region, rotationSettings, workerSettings } from "./fixture";
import { all, broken, everything, permissions, type Statement, statementsOf, valuesOf } from "./policy-statements";
import { type StackJson, synthesize } from "./synthesized";

describe("R16: permissions", () => {
  it("are found at all", () => {
    expect(new Set(permissions.map(({ document }) => document))).toEqual(
      new Set(["builder", "scheduler", "replication", "rotation", "router", "worker"]),
    );
    expect(permissions.length).toBeGreaterThan(80);
  });

  it("have no wildcard, name resources, make no log group and can be told apart", () => {
    expect(broken(all)).toEqual([]);
  });

  it.each(NOUNS.map(({ name }) => name))("of %s with everything switched on, too", (noun) => {
    const stacks = synthesizeEverything().filter(({ name }) => name.startsWith(`docker-cache-${noun}-`));
    const statements = stacks.flatMap((stack) => statementsOf(stack as StackJson, stack.name));
    expect(statements.length).toBeGreaterThan(1);
    expect(broken(statements)).toEqual([]);
  });

  it.each<[string, Partial<Statement>]>([
    ["a wildcard in an action", { actions: ["s3:Get*"] }],
    [
      "on every resource, though IAM knows some",
      { actions: ["ec2:DescribeVolumes", "s3:GetObject"], resources: ["*"] },
    ],
    ["makes a log group", { actions: ["logs:CreateLogGroup"], resources: ["arn:x"] }],
  ])("are named where one is broken: %s", (reason, planted) => {
    const good = permissions.find(({ sid }) => sid === "TagOutcome")!;
    expect(broken([good, { ...good, where: "planted", ...planted }])).toEqual([`planted: ${reason}`]);
    expect(broken([good, good])).toEqual([`${good.where}: as another is called`]);
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
      new Set(
        [
          ["builder", "ci_x86_64_builder"],
          ["builder", "ci_x86_64_manifests"],
          ["rotation", "ci_x86_64_rotation"],
          ["router", "router"],
        ].map(([document, group]) => `${document}: \${aws_cloudwatch_log_group.${group}.arn}:*`),
      ),
    );
  });
});

describe("trust and resource policies", () => {
  const trusts = all.filter(({ document }) => document.endsWith("_trust"));

  it.each(["scheduler_trust", "replication_trust", "rotation_trust", "router_trust"])(
    "%s names the account",
    (document) => {
      const found = trusts.filter((statement) => statement.document === document);
      expect(found.length).toBeGreaterThan(0);
      for (const statement of found)
        expect(valuesOf(statement, "aws:SourceAccount")).toEqual(["${data.aws_caller_identity.current.account_id}"]);
    },
  );

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
    expect(roles).toHaveLength(6);
    for (const role of roles) expect(role).toMatchObject({ permissions_boundary: "arn:x:boundary", path: "/ci/" });
    const profiles = Object.values(bounded).flatMap(({ resource }) =>
      Object.values(resource.aws_iam_instance_profile ?? {}),
    );
    expect(profiles.map(({ path }) => path)).toEqual(["/ci/", "/ci/"]);
  });
});
