/** Names that AWS's services take: lengths and characters, by the services' own documentation. */

/** Limit of a service on a name. */
export interface Limit {
  /** The kind of thing, with its article. */
  readonly what: string;
  readonly minimum?: number;
  readonly maximum: number;
  readonly pattern: RegExp;
  /** The name is taken in the whole account (or, of a bucket, on earth), not in one region. */
  readonly global?: true;
}

const IAM = /^[\w+=,.@-]+$/;

const LIMITS = {
  alarm: { what: "a CloudWatch alarm", maximum: 255, pattern: /^[ -~]+$/ },
  bucket: { what: "an S3 bucket", minimum: 3, maximum: 63, pattern: /^[a-z0-9][a-z0-9-]*[a-z0-9]$/, global: true },
  budget: { what: "a budget", maximum: 100, pattern: /^[^:\\]+$/, global: true },
  codebuildProject: { what: "a CodeBuild project", minimum: 2, maximum: 150, pattern: /^[A-Za-z0-9][\w-]+$/ },
  dashboard: { what: "a CloudWatch dashboard", maximum: 255, pattern: /^[\w-]+$/, global: true },
  dlmDescription: { what: "a DLM policy's description", maximum: 500, pattern: /^[\w -]+$/ },
  ecrRepository: {
    what: "an ECR repository",
    minimum: 2,
    maximum: 256,
    pattern: /^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/,
  },
  iamPolicy: { what: "an IAM policy", maximum: 128, pattern: IAM, global: true },
  iamRole: { what: "an IAM role", maximum: 64, pattern: IAM, global: true },
  lambdaFunction: { what: "a Lambda function", maximum: 64, pattern: /^[A-Za-z0-9_-]+$/ },
  launchTemplate: { what: "a launch template", maximum: 128, pattern: /^[\w.()/-]+$/ },
  logGroup: { what: "a log group", maximum: 512, pattern: /^[\w./#-]+$/ },
  parameter: { what: "a parameter", maximum: 1011, pattern: /^(\/[\w.-]+)+$/ },
  rule: { what: "an EventBridge rule", maximum: 64, pattern: /^[\w.-]+$/ },
  schedule: { what: "an EventBridge schedule", maximum: 64, pattern: /^[\w.-]+$/ },
  snsTopic: { what: "an SNS topic", maximum: 256, pattern: /^[\w-]+$/ },
  sqsQueue: { what: "an SQS queue", maximum: 80, pattern: /^[A-Za-z0-9_-]+$/ },
} as const satisfies Record<string, Limit>;

/** Kinds of things that have names in AWS. */
export type NameKind = keyof typeof LIMITS;

/** The limits of a kind's names. */
export function limitOf(kind: NameKind): Limit {
  return LIMITS[kind];
}

/** A name that something gets. */
export interface AwsName {
  readonly kind: NameKind;
  readonly name: string;
}
