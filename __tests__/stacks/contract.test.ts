/**
 * R18: addresses in Terraform are a contract: a renamed one destroys and creates what it stood for. Where this test fails because of a change that is
 * meant, the change needs a `moved` block, or a line in the changelog that says what is replaced.
 */
import { cell, deployment, region, rotationSettings } from "./fixture";
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

describe("R18: addresses of resources", () => {
  it("of builders", () => {
    expect(addresses("builder")).toEqual([
      "aws_cloudwatch_log_group.ci_x86_64_builder",
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
      "aws_ssm_parameter.ci_x86_64_volume_id",
      "terraform_data.ci_x86_64_generation",
      "terraform_data.ci_x86_64_zone",
    ]);
  });

  it("of rotation", () => {
    const alarms = [
      ...["errors", "failed_build", "foreign", "given_up", "launch_given_up", "overdue_deletions"],
      ...["silent", "stale", "withdrawn"],
    ];
    const rules = ["builders", "reconcile", "snapshots"];
    expect(addresses("rotation")).toEqual(
      [
        ...alarms.map((id) => `aws_cloudwatch_metric_alarm.ci_x86_64_${id}`),
        ...rules.flatMap((id) => [
          `aws_cloudwatch_event_rule.ci_x86_64_${id}`,
          `aws_cloudwatch_event_target.ci_x86_64_${id}`,
          `aws_lambda_permission.ci_x86_64_${id}`,
        ]),
        "aws_cloudwatch_dashboard.rotation",
        "aws_cloudwatch_log_group.ci_x86_64_rotation",
        "aws_iam_role.ci_x86_64_rotation",
        "aws_iam_role_policy.ci_x86_64_rotation",
        "aws_lambda_function.ci_x86_64_rotation",
        "aws_rbin_rule.ci_x86_64_snapshots",
        "aws_sns_topic.alarms",
        "aws_sns_topic_policy.alarms",
        "aws_sns_topic_subscription.alarms",
        "aws_sqs_queue.ci_x86_64_dead_letters",
        "aws_ssm_parameter.ci_x86_64_pointer",
        "aws_ssm_parameter.ci_x86_64_rejected",
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
    ]);
  });

  it("of outputs", () => {
    const outputs = Object.fromEntries(
      ["builder", "rotation", "worker"].map((noun) => [
        noun,
        Object.keys(stacks[`docker-cache-${noun}-eu-west-1`]!.output).sort(),
      ]),
    );
    expect(outputs).toEqual({
      builder: ["ci_x86_64_cache_volume_id", "ci_x86_64_launch_template_id", "ci_x86_64_role_arn"],
      rotation: [
        "alarm_topic_arn",
        "ci_x86_64_function_arn",
        "ci_x86_64_function_name",
        "ci_x86_64_role_arn",
        "ci_x86_64_snapshot_parameter_name",
      ],
      worker: [
        "ci_x86_64_instance_profile_name",
        "ci_x86_64_launch_template_id",
        "ci_x86_64_role_name",
        "ci_x86_64_security_group_id",
      ],
    });
  });
});
