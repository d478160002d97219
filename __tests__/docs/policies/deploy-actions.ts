/**
 * Actions that the AWS provider calls to create, read, change and delete a resource, by type, as IAM names them. deploy-policy.slow.test.ts records
 * the actions of a whole apply, plan and destroy, and holds them against the policies. This table has what a run there does not reach: changes, and
 * removed options.
 */
const crud = (service: string, name: string, update = `Update${name}`) =>
  [`Create${name}`, `Get${name}`, update, `Delete${name}`].map((action) => `${service}:${action}`);
const tags = (service: string) =>
  ["ListTagsForResource", "TagResource", "UntagResource"].map((action) => `${service}:${action}`);

const inEcr = (name: string) =>
  [`Create${name}`, `Delete${name}`, `Describe${name}s`, `Update${name}`].map((action) => `ecr:${action}`);

const parameter = [
  ...["AddTagsToResource", "DeleteParameter", "DescribeParameters", "GetParameter", "GetParameters"],
  ...["ListTagsForResource", "PutParameter", "RemoveTagsFromResource"],
].map((action) => `ssm:${action}`);

const launchTemplate = [
  ...["CreateLaunchTemplate", "CreateLaunchTemplateVersion", "CreateTags", "DeleteLaunchTemplate", "DeleteTags"],
  ...["DescribeLaunchTemplateVersions", "DescribeLaunchTemplates", "ModifyLaunchTemplate"],
].map((action) => `ec2:${action}`);

const role = [
  ...["CreateRole", "DeleteRole", "DeleteRolePermissionsBoundary", "GetRole", "ListAttachedRolePolicies"],
  ...["ListInstanceProfilesForRole", "ListRolePolicies", "PutRolePermissionsBoundary", "TagRole", "UntagRole"],
  ...["UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription"],
].map((action) => `iam:${action}`);

/** Of five versions the provider deletes the oldest before it makes one more. */
const policy = [
  ...["CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "GetPolicy", "GetPolicyVersion"],
  ...["ListPolicyVersions", "TagPolicy", "UntagPolicy"],
].map((action) => `iam:${action}`);

const securityGroup = [
  ...["AuthorizeSecurityGroupEgress", "CreateSecurityGroup", "CreateTags", "DeleteSecurityGroup", "DeleteTags"],
  ...["DescribeNetworkInterfaces", "DescribeSecurityGroups", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"],
].map((action) => `ec2:${action}`);

/** A type that is missing here fails the test: look up what the provider calls for it. */
export const DEPLOY_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  // Budgets knows two actions for all that is done to one.
  aws_budgets_budget: ["budgets:ModifyBudget", "budgets:ViewBudget", ...tags("budgets")],
  aws_cloudwatch_dashboard: ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"],
  aws_cloudwatch_event_rule: ["events:DeleteRule", "events:DescribeRule", "events:PutRule", ...tags("events")],
  aws_cloudwatch_event_target: ["events:ListTargetsByRule", "events:PutTargets", "events:RemoveTargets"],
  aws_cloudwatch_log_group: [
    ...["AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups", "DisassociateKmsKey"],
    ...["ListTagsForResource", "PutRetentionPolicy", "TagResource", "UntagResource"],
  ].map((action) => `logs:${action}`),
  aws_cloudwatch_log_resource_policy: ["Delete", "Put"]
    .map((how) => `logs:${how}ResourcePolicy`)
    .concat("logs:DescribeResourcePolicies"),
  aws_cloudwatch_metric_alarm: [
    ...["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"],
    ...tags("cloudwatch"),
  ],
  aws_dlm_lifecycle_policy: [...crud("dlm", "LifecyclePolicy"), ...tags("dlm"), "iam:PassRole"],
  aws_ebs_volume: [
    ...["CreateTags", "CreateVolume", "DeleteTags", "DeleteVolume", "DescribeVolumes", "DescribeVolumesModifications"],
    "ModifyVolume",
  ].map((action) => `ec2:${action}`),
  aws_ecr_lifecycle_policy: ["Delete", "Get", "Put"].map((how) => `ecr:${how}LifecyclePolicy`),
  // A role of its own is passed to ECR for an upstream registry in ECR. The first rule and the first template of an account make service-linked roles.
  aws_ecr_pull_through_cache_rule: [
    ...inEcr("PullThroughCacheRule"),
    ...["iam:CreateServiceLinkedRole", "iam:PassRole"],
  ],
  aws_ecr_repository: [
    ...["ecr:CreateRepository", "ecr:DeleteRepository", "ecr:DescribeRepositories", "ecr:PutImageTagMutability"],
    ...tags("ecr"),
  ],
  // What the template will do to repositories takes the same of the one that makes the template.
  aws_ecr_repository_creation_template: [
    ...inEcr("RepositoryCreationTemplate"),
    ...["ecr:CreateRepository", "ecr:PutLifecyclePolicy", "iam:CreateServiceLinkedRole", "iam:PassRole"],
  ],
  aws_iam_instance_profile: [
    ...["AddRoleToInstanceProfile", "CreateInstanceProfile", "DeleteInstanceProfile", "GetInstanceProfile"],
    ...["PassRole", "RemoveRoleFromInstanceProfile", "TagInstanceProfile", "UntagInstanceProfile"],
  ].map((action) => `iam:${action}`),
  aws_iam_policy: policy,
  aws_iam_role: role,
  aws_iam_role_policy: ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"],
  aws_iam_role_policy_attachment: ["iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:ListAttachedRolePolicies"],
  aws_lambda_function: [
    ...["CreateFunction", "DeleteFunction", "DeleteFunctionConcurrency", "GetFunction", "GetFunctionCodeSigningConfig"],
    ...["GetFunctionConfiguration", "ListTags", "ListVersionsByFunction", "PutFunctionConcurrency", "TagResource"],
    ...["UntagResource", "UpdateFunctionCode", "UpdateFunctionConfiguration"],
  ]
    .map((action) => `lambda:${action}`)
    .concat("iam:PassRole"),
  aws_lambda_alias: crud("lambda", "Alias"),
  aws_lambda_event_source_mapping: [
    ...crud("lambda", "EventSourceMapping"),
    ...["lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"],
  ],
  aws_lambda_function_event_invoke_config: ["Delete", "Get", "Put"].map(
    (how) => `lambda:${how}FunctionEventInvokeConfig`,
  ),
  aws_lambda_permission: ["lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"],
  aws_launch_template: launchTemplate,
  aws_rbin_rule: [...crud("rbin", "Rule"), ...tags("rbin")],
  // To read a bucket is to read all its parts. From 6.23 on the provider tries S3 Control for tags first, and goes back to these if that is denied.
  aws_s3_bucket: [
    ...["CreateBucket", "DeleteBucket", "GetAccelerateConfiguration", "GetBucketAcl", "GetBucketCORS"],
    ...["GetBucketLogging", "GetBucketObjectLockConfiguration", "GetBucketPolicy", "GetBucketRequestPayment"],
    ...["GetBucketTagging", "GetBucketVersioning", "GetBucketWebsite", "GetEncryptionConfiguration"],
    ...["GetLifecycleConfiguration", "GetReplicationConfiguration", "ListBucket", "PutBucketTagging"],
    // It empties a bucket that it destroys.
    ...["DeleteObject", "DeleteObjectVersion", "ListBucketVersions"],
  ].map((action) => `s3:${action}`),
  aws_s3_bucket_lifecycle_configuration: ["s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"],
  aws_s3_bucket_ownership_controls: ["s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls"],
  aws_s3_bucket_policy: ["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"],
  aws_s3_bucket_public_access_block: ["s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"],
  aws_s3_bucket_server_side_encryption_configuration: [
    "s3:GetEncryptionConfiguration",
    "s3:PutEncryptionConfiguration",
  ],
  aws_scheduler_schedule: [...crud("scheduler", "Schedule"), "iam:PassRole"],
  aws_scheduler_schedule_group: [
    ...["scheduler:CreateScheduleGroup", "scheduler:DeleteScheduleGroup", "scheduler:GetScheduleGroup"],
    ...tags("scheduler"),
  ],
  aws_security_group: securityGroup,
  aws_sns_topic: [
    ...["sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes", "sns:SetTopicAttributes"],
    ...tags("sns"),
  ],
  aws_sns_topic_policy: ["sns:GetTopicAttributes", "sns:SetTopicAttributes"],
  aws_sns_topic_subscription: [
    ...["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Subscribe", "sns:Unsubscribe"],
  ],
  aws_sqs_queue: [
    ...["CreateQueue", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl", "ListQueueTags", "SetQueueAttributes"],
    ...["TagQueue", "UntagQueue"],
  ].map((action) => `sqs:${action}`),
  aws_sqs_queue_policy: ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
  aws_ssm_parameter: parameter,
  terraform_data: [],
  // Data sources.
  aws_caller_identity: [],
  aws_ec2_instance_type_offerings: ["ec2:DescribeInstanceTypeOfferings"],
  aws_iam_policy_document: [],
  aws_partition: [],
  aws_region: [],
  // Their names and ARNs: a value takes another action, which nothing here calls.
  aws_secretsmanager_secrets: ["secretsmanager:ListSecrets"],
  aws_service_principal: [],
  aws_subnet: ["ec2:DescribeSubnets"],
  aws_subnets: ["ec2:DescribeSubnets"],
  archive_file: [],
};
