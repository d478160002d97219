/** R16: mutating actions of EC2 are conditioned on our tags, and reach no worker. */
import { BUILDER_VOLUME_TAGS, ROLES, TAG } from "../../lib/contract";
import {
  kindsOf,
  ours,
  permissions,
  places,
  plainBuilder,
  type Statement,
  synthesized,
  valuesOf,
} from "./policy-statements";

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
      ...["ecr:CreateRepository", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "ecr:TagResource"],
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
      [TAG.consume, TAG.deleteAfter, TAG.deletionRefused, TAG.pin, TAG.replicate, TAG.role].sort(),
    );
    expect(keys("TagOutcome")).toEqual([TAG.outcome, "false"]);
    expect(keys("TagCacheVolume").sort()).toEqual([...BUILDER_VOLUME_TAGS, "false"].sort());
    expect(keys("AnnounceDeletion")).toEqual([TAG.deleteAfter, TAG.deletionRefused, "false"]);
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
