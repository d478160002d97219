/**
 * R18: addresses in Terraform are a contract: a renamed one destroys and creates what it stood for. If a change that is meant fails this test, it
 * needs a `moved` block, or a line in the changelog that says what is replaced.
 */
import { synthesizeEverything } from "../../scripts/generate/everything";
import { companionNoun, companionsOf, type Noun } from "../../stacks/faces/noun";
import { NOUNS } from "../../stacks/nouns";
import { sampleCache } from "../fixtures/sample-cache/sample-cache";
import { createSampleCacheModule } from "../fixtures/sample-cache/sample-cache-module";
import { SampleCacheStack } from "../fixtures/sample-cache/sample-cache-stack";
import { cell, deployment, region, rotationSettings } from "./fixture";
import { nameIn, regionOf } from "./names";
import { synthesize } from "./synthesized";

const copyTo = [{ region: "us-east-1", kmsKeyArn: null, schedule: 1 }];
const stacks = synthesize(
  deployment({
    regions: [
      region({
        cells: [
          cell({
            builder: { ...cell().builder!, copyTo, replicateAt: "09:00" },
            rotation: rotationSettings({ recycleBinDays: 7 }),
            worker: { ...cell().worker, policyArns: ["arn:x"] },
          }),
        ],
      }),
    ],
  }),
);

function addresses(noun: string): string[] {
  const { resource } = stacks[`docker-cache-${noun}-eu-west-1`]!;
  return Object.entries(resource)
    .flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`))
    .sort();
}

/** Names of resources in AWS, by their kinds. */
function namesIn(noun: string): Record<string, string[]> {
  const { resource } = stacks[`docker-cache-${noun}-eu-west-1`]!;
  const named = Object.entries(resource).map(([type, byName]) => {
    const names = Object.values(byName).flatMap((one) => nameIn(one) ?? []);
    return [type, names.map((name) => name.replace("${data.aws_region.current.id}", "REGION")).sort()] as const;
  });
  // Leaves out resources without a name, or with one that refers to another resource's.
  return Object.fromEntries(named.filter(([, names]) => names.length > 0 && !names.join().includes("${aws_")));
}

describe("R18: names in AWS, global ones with the region", () => {
  it("of builders", () => {
    expect(namesIn("builder")).toEqual({
      aws_cloudwatch_log_group: ["/docker-cache/ci/x86_64/builder", "/docker-cache/ci/x86_64/manifests"],
      aws_iam_instance_profile: ["docker-cache-ci-x86_64-builder-REGION"],
      aws_iam_role: ["builder", "dlm", "scheduler"].map((what) => `docker-cache-ci-x86_64-${what}-REGION`),
      aws_iam_role_policy: ["builder", "replication", "scheduler"],
      aws_launch_template: ["docker-cache-ci-x86_64-builder"],
      aws_scheduler_schedule: ["docker-cache-ci-x86_64-builder-${each.key}"],
      aws_scheduler_schedule_group: ["docker-cache-ci-x86_64-builder"],
      aws_security_group: ["docker-cache-ci-x86_64-builder-"],
      aws_sqs_queue: ["docker-cache-ci-x86_64-builder-dlq"],
      aws_ssm_parameter: ["images/${each.key}", "script/${each.key}", "volume-id"].map(
        (path) => `/docker-cache/ci/x86_64/${path}`,
      ),
    });
  });

  it("of rotation: the log group is the one that Lambda writes to", () => {
    const { aws_cloudwatch_metric_alarm: alarms, ...others } = namesIn("rotation");
    expect(others).toEqual({
      aws_cloudwatch_dashboard: ["docker-cache-rotation-eu-west-1"],
      aws_cloudwatch_event_rule: ["docker-cache-ci-x86_64-rotation-reconcile", "docker-cache-router"],
      aws_cloudwatch_log_group: ["/aws/lambda/docker-cache-ci-x86_64-rotation", "/aws/lambda/docker-cache-router"],
      aws_iam_role: ["docker-cache-ci-x86_64-rotation-REGION", "docker-cache-router-REGION"],
      aws_iam_role_policy: ["rotation", "router"],
      aws_lambda_alias: ["hint"],
      aws_lambda_function: ["docker-cache-ci-x86_64-rotation", "docker-cache-router"],
      aws_sns_topic: ["docker-cache-rotation-alarms"],
      aws_sqs_queue: ["docker-cache-ci-x86_64-rotation-dlq", "docker-cache-router"],
      aws_ssm_parameter: ["/docker-cache/ci/x86_64/rejected", "/docker-cache/ci/x86_64/snapshot-id"],
    });
    expect(alarms!.every((name) => name.startsWith("docker-cache-ci-x86_64-rotation-"))).toBe(true);
  });

  it("of workers", () => {
    expect(namesIn("worker")).toEqual({
      aws_iam_instance_profile: ["docker-cache-ci-x86_64-worker-REGION"],
      aws_iam_role: ["docker-cache-ci-x86_64-worker-REGION"],
      aws_iam_role_policy: ["worker"],
      aws_launch_template: ["docker-cache-ci-x86_64-worker"],
      aws_security_group: ["docker-cache-ci-x86_64-worker-"],
    });
  });
});

describe("R18: addresses of resources", () => {
  it("of builders", () => {
    expect(addresses("builder")).toEqual([
      "aws_cloudwatch_log_group.ci_x86_64_builder",
      "aws_cloudwatch_log_group.ci_x86_64_manifests",
      "aws_dlm_lifecycle_policy.ci_x86_64_replication",
      "aws_ebs_volume.ci_x86_64_cache",
      "aws_iam_instance_profile.ci_x86_64_builder",
      "aws_iam_role.ci_x86_64_builder",
      "aws_iam_role.ci_x86_64_replication",
      "aws_iam_role.ci_x86_64_scheduler",
      "aws_iam_role_policy.ci_x86_64_builder",
      "aws_iam_role_policy.ci_x86_64_replication",
      "aws_iam_role_policy.ci_x86_64_scheduler",
      "aws_launch_template.ci_x86_64_builder",
      "aws_scheduler_schedule.ci_x86_64_builder",
      "aws_scheduler_schedule_group.ci_x86_64_builder",
      "aws_security_group.ci_x86_64_builder",
      "aws_sqs_queue.ci_x86_64_dead_letters",
      "aws_ssm_parameter.ci_x86_64_images",
      "aws_ssm_parameter.ci_x86_64_script",
      "aws_ssm_parameter.ci_x86_64_volume_id",
      "terraform_data.ci_x86_64_generation",
      "terraform_data.ci_x86_64_identity",
      "terraform_data.ci_x86_64_security_group_place",
      "terraform_data.ci_x86_64_volume_key",
    ]);
  });

  it("of rotation", () => {
    const alarms = [
      ...["errors", "failed_build", "foreign", "given_up", "launch_given_up", "not_invoked", "overdue_deletions"],
      ...["silent", "stale", "template_problem", "withdrawn"],
    ];
    expect(addresses("rotation")).toEqual(
      [
        ...alarms.map((id) => `aws_cloudwatch_metric_alarm.ci_x86_64_${id}`),
        "aws_cloudwatch_dashboard.rotation",
        "aws_cloudwatch_event_rule.ci_x86_64_reconcile",
        "aws_cloudwatch_event_rule.router",
        "aws_cloudwatch_event_target.ci_x86_64_reconcile",
        "aws_cloudwatch_event_target.router",
        "aws_cloudwatch_log_group.ci_x86_64_rotation",
        "aws_cloudwatch_log_group.router",
        "aws_iam_role.ci_x86_64_rotation",
        "aws_iam_role.router",
        "aws_iam_role_policy.ci_x86_64_rotation",
        "aws_iam_role_policy.router",
        "aws_lambda_alias.ci_x86_64_hints",
        "aws_lambda_event_source_mapping.router",
        "aws_lambda_function.ci_x86_64_rotation",
        "aws_lambda_function.router",
        "aws_lambda_function_event_invoke_config.ci_x86_64_hints",
        "aws_lambda_function_event_invoke_config.ci_x86_64_scheduled",
        "aws_lambda_permission.ci_x86_64_reconcile",
        "aws_rbin_rule.ci_x86_64_snapshots",
        "aws_sns_topic.alarms",
        "aws_sns_topic_policy.alarms",
        "aws_sns_topic_subscription.alarms",
        "aws_sqs_queue.ci_x86_64_dead_letters",
        "aws_sqs_queue.router",
        "aws_sqs_queue_policy.router",
        "aws_ssm_parameter.ci_x86_64_pointer",
        "aws_ssm_parameter.ci_x86_64_rejected",
        "terraform_data.ci_x86_64_identity",
      ].sort(),
    );
  });

  it("of workers", () => {
    expect(addresses("worker")).toEqual([
      "aws_iam_instance_profile.ci_x86_64_worker",
      "aws_iam_role.ci_x86_64_worker",
      "aws_iam_role_policy.ci_x86_64_worker",
      "aws_iam_role_policy_attachment.ci_x86_64_worker",
      "aws_launch_template.ci_x86_64_worker",
      "aws_security_group.ci_x86_64_worker",
      "terraform_data.ci_x86_64_identity",
      "terraform_data.ci_x86_64_security_group_place",
    ]);
  });

  it("of what is global, with the region, of every noun", () => {
    const global: Readonly<Record<string, string>> = {
      aws_budgets_budget: "name",
      aws_cloudwatch_dashboard: "dashboard_name",
      aws_iam_instance_profile: "name",
      aws_iam_policy: "name",
      aws_iam_role: "name",
      aws_s3_bucket: "bucket",
    };
    const names = synthesizeEverything().flatMap(({ resource }) =>
      Object.entries(global).flatMap(([type, attribute]) =>
        Object.values(resource[type] ?? {}).map((one) => String(one[attribute])),
      ),
    );
    expect(names.length).toBeGreaterThan(5);
    // Of instance profiles, the role's name is theirs.
    const withoutRegion = names.filter(
      (name) => !/\$\{data\.aws_region\.current\.id\}|-eu-west-1$|-us-east-1$|\$\{aws_iam_role/.test(name),
    );
    expect(withoutRegion).toEqual([]);
  });

  it("of outputs", () => {
    const ofCaches = NOUNS.filter(({ companion }) => companion === undefined);
    const outputs = Object.fromEntries(
      ofCaches.map(({ name }) => [name, Object.keys(stacks[`docker-cache-${name}-eu-west-1`]!.output).sort()]),
    );
    expect(outputs).toEqual({
      builder: [
        "ci_x86_64_availability_zone",
        "ci_x86_64_cache_volume_id",
        "ci_x86_64_launch_template_id",
        "ci_x86_64_log_group_name",
        "ci_x86_64_role_arn",
        "ci_x86_64_role_name",
        "ci_x86_64_security_group_id",
      ],
      rotation: [
        "alarm_topic_arn",
        "ci_x86_64_dead_letter_queue_arn",
        "ci_x86_64_function_arn",
        "ci_x86_64_function_name",
        "ci_x86_64_log_group_name",
        "ci_x86_64_role_arn",
        "ci_x86_64_snapshot_parameter_arn",
        "ci_x86_64_snapshot_parameter_name",
      ],
      worker: [
        "ci_x86_64_instance_profile_arn",
        "ci_x86_64_instance_profile_name",
        "ci_x86_64_launch_template_arn",
        "ci_x86_64_launch_template_id",
        "ci_x86_64_launch_template_name",
        "ci_x86_64_role_arn",
        "ci_x86_64_role_name",
        "ci_x86_64_security_group_id",
      ],
    });
  });
});

/** Part of the contract that one companion has. */
interface CompanionContract {
  /** Names in AWS by address; null: none. */
  readonly resources: Readonly<Record<string, string | null>>;
  readonly outputs: readonly string[];
}

/** Contracts of the companions among the nouns, by noun. The region is REGION in names. */
function contractsOf(nouns: readonly Noun[]): Readonly<Record<string, CompanionContract>> {
  const everything = synthesizeEverything(nouns);
  const contractOf = (noun: string): CompanionContract => {
    const own = everything.flatMap(({ name, ...stack }) => {
      const region = regionOf(noun, name);
      return region === undefined ? [] : [{ ...stack, region }];
    });
    const resources = own.flatMap(({ resource, region }) =>
      Object.entries(resource).flatMap(([type, named]) =>
        Object.entries(named).map(([id, block]): [string, string | null] => [
          `${type}.${id}`,
          nameIn(block)?.replaceAll("${data.aws_region.current.id}", "REGION").replaceAll(region, "REGION") ?? null,
        ]),
      ),
    );
    const outputs = own.flatMap(({ output = {} }) => Object.keys(output));
    return { resources: Object.fromEntries(resources), outputs: [...new Set(outputs)].sort() };
  };
  return Object.fromEntries(companionsOf(nouns).map(({ noun }) => [noun, contractOf(noun)]));
}

describe("R18: companions, with everything switched on", () => {
  it("addresses, names in AWS and outputs", () => {
    expect(contractsOf(NOUNS)).toEqual({
      "pull-through": {
        outputs: [
          ...["alarm_topic_arn", "public_ecr_cache_prefix", "pull_through", "puller_policy_arn", "registry_url"],
        ],
        resources: {
          "aws_budgets_budget.pull_through_ecr": "docker-cache-pull-through-REGION",
          "aws_cloudwatch_event_rule.pull_through_failures": "docker-cache-pull-through-failures",
          "aws_cloudwatch_event_target.pull_through_failures": null,
          "aws_cloudwatch_log_group.pull_through_failures": "/aws/events/docker-cache-pull-through",
          "aws_cloudwatch_log_resource_policy.pull_through_failures": null,
          "aws_cloudwatch_metric_alarm.pull_through_failures": "docker-cache-pull-through-failures",
          "aws_ecr_pull_through_cache_rule.pull_through_upstreams": null,
          "aws_ecr_repository_creation_template.pull_through_upstreams": null,
          "aws_iam_policy.pull_through_puller": "docker-cache-pull-through-puller-REGION",
          "aws_iam_role.pull_through_repositories": "docker-cache-pull-through-REGION",
          "aws_iam_role_policy.pull_through_repositories": "repositories",
          "aws_sns_topic.pull_through_alarms": "docker-cache-pull-through-alarms",
          "aws_sns_topic_policy.pull_through_alarms": null,
          "aws_sns_topic_subscription.pull_through_alarms": null,
          "terraform_data.pull_through_identity": null,
        },
      },
      "ci-images": {
        outputs: ["puller_policy_arn", "pusher_policy_arn", "repository_name", "repository_url"].map(
          (output) => `app_ci_images_${output}`,
        ),
        resources: {
          "aws_ecr_lifecycle_policy.app_ci_images_images": null,
          "aws_ecr_repository.app_ci_images_images": "build-cache/acme/app",
          "aws_iam_policy.app_ci_images_puller": "docker-cache-ci-images-app-puller-REGION",
          "aws_iam_policy.app_ci_images_pusher": "docker-cache-ci-images-app-pusher-REGION",
          "terraform_data.app_ci_images_identity": null,
        },
      },
      "layer-cache": {
        outputs: ["ci", "images"].flatMap((entry) =>
          ["branch_writer_policy_arn", "bucket", "reader_policy_arn", "repository_url", "writer_policy_arn"].map(
            (output) => `${entry}_layer_cache_${output}`,
          ),
        ),
        resources: {
          ...Object.fromEntries(
            ["branches", "default"].flatMap((part) => [
              [`aws_ecr_lifecycle_policy.images_layer_cache_${part}`, null],
              [`aws_ecr_repository.images_layer_cache_${part}`, `docker-cache-layer-cache/images/${part}`],
            ]),
          ),
          ...Object.fromEntries(
            ["ci", "images"].flatMap((entry) => [
              ...["branch-writer", "reader", "writer"].map((who) => [
                `aws_iam_policy.${entry}_layer_cache_${who.replace("-", "_")}`,
                `docker-cache-layer-cache-${who}-${entry}-REGION`,
              ]),
              [`terraform_data.${entry}_layer_cache_identity`, null],
            ]),
          ),
          "aws_s3_bucket.ci_layer_cache_layers":
            "docker-cache-ci-${data.aws_caller_identity.current.account_id}-REGION",
          ...Object.fromEntries(
            [
              ...["lifecycle_configuration", "ownership_controls", "policy", "public_access_block"],
              "server_side_encryption_configuration",
            ].map((part) => [
              `aws_s3_bucket_${part}.ci_layer_cache_layers`,
              "${aws_s3_bucket.ci_layer_cache_layers.id}",
            ]),
          ),
        },
      },
    });
  });

  it("one more would be in that record", () => {
    const sample = companionNoun(sampleCache, { Stack: SampleCacheStack, createModule: createSampleCacheModule });
    const contracts = contractsOf([sample]);
    expect(Object.keys(contracts)).toEqual(["sample-cache"]);
    const { resources, outputs } = contracts["sample-cache"]!;
    expect(resources["aws_sns_topic.alarms"]).toBe("docker-cache-sample-cache-alarms");
    expect(resources["aws_sns_topic_policy.alarms"]).toBeNull();
    // Of the entries, the names alone: their ids are the sample's affair.
    expect(Object.values(resources)).toContain("docker-cache-sample-cache-app-REGION");
    expect(outputs).toContainEqual(expect.stringMatching(/^app_.*role_arn$/));
  });
});
