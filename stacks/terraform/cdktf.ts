/**
 * The one file that imports `cdktf` and its provider bindings, which a lint rule holds. So a move to the maintained fork is a
 * change of this file alone. Deep imports only: the index of the AWS bindings costs seconds and hundreds of megabytes.
 */
export { DataArchiveFile } from "@cdktf/provider-archive/lib/data-archive-file";
export { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
export { BudgetsBudget } from "@cdktf/provider-aws/lib/budgets-budget";
export { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
export { CloudwatchEventRule, type CloudwatchEventRuleConfig } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
export { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
export { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
export { CloudwatchLogResourcePolicy } from "@cdktf/provider-aws/lib/cloudwatch-log-resource-policy";
export {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
export { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
export { DataAwsEbsVolume } from "@cdktf/provider-aws/lib/data-aws-ebs-volume";
export { DataAwsEc2InstanceTypeOfferings } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type-offerings";
export { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
export { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
export { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
export { DataAwsSecretsmanagerSecrets } from "@cdktf/provider-aws/lib/data-aws-secretsmanager-secrets";
export { DataAwsServicePrincipal } from "@cdktf/provider-aws/lib/data-aws-service-principal";
export { DataAwsSsmParametersByPath } from "@cdktf/provider-aws/lib/data-aws-ssm-parameters-by-path";
export { DataAwsSubnet } from "@cdktf/provider-aws/lib/data-aws-subnet";
export { DataAwsSubnets } from "@cdktf/provider-aws/lib/data-aws-subnets";
export { DlmLifecyclePolicy } from "@cdktf/provider-aws/lib/dlm-lifecycle-policy";
export { EbsVolume } from "@cdktf/provider-aws/lib/ebs-volume";
export { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
export { EcrPullThroughCacheRule } from "@cdktf/provider-aws/lib/ecr-pull-through-cache-rule";
export { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
export { EcrRepositoryCreationTemplate } from "@cdktf/provider-aws/lib/ecr-repository-creation-template";
export { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
export { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
export { IamRole } from "@cdktf/provider-aws/lib/iam-role";
export { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
export { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
export { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias";
export { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
export { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
export { LambdaFunctionEventInvokeConfig } from "@cdktf/provider-aws/lib/lambda-function-event-invoke-config";
export { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
export { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
export { AwsProvider } from "@cdktf/provider-aws/lib/provider";
export { RbinRule } from "@cdktf/provider-aws/lib/rbin-rule";
export { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
export { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
export { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
export { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
export { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
export { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
export { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
export { SchedulerScheduleGroup } from "@cdktf/provider-aws/lib/scheduler-schedule-group";
export { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
export { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
export { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
export { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
export { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
export { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
export { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
export {
  App,
  type IResolvable,
  type IResolveContext,
  LocalBackend,
  S3Backend,
  TerraformDataSource,
  TerraformElement,
  TerraformHclModule,
  TerraformLocal,
  TerraformOutput,
  TerraformResource,
  type TerraformResourceLifecycle,
  TerraformStack,
  TerraformVariable,
  type TerraformVariableConfig,
  Testing,
  Token,
  Tokenization,
} from "cdktf";
export { Construct, type IConstruct, type Node } from "constructs";
