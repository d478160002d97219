/** Names that AWS's services take: lengths and characters, by the services' own documentation. */

/** Limit of a service on a name. */
export interface Limit {
  /** The kind of thing, with its article. */
  readonly what: string;
  readonly minimum?: number;
  readonly maximum: number;
  readonly pattern: RegExp;
  /** The pattern in words. */
  readonly characters: string;
  /** The name is taken in the whole account (or, of a bucket, on earth), not in one region. */
  readonly global?: true;
}

const IAM = /^[\w+=,.@-]+$/;

const LIMITS = {
  alarm: { what: "a CloudWatch alarm", maximum: 255, pattern: /^[ -~]+$/, characters: "printable ASCII" },
  bucket: {
    what: "an S3 bucket",
    minimum: 3,
    maximum: 63,
    pattern: /^[a-z0-9][a-z0-9-]*[a-z0-9]$/,
    characters: "lower-case letters, digits and hyphens, with a letter or digit at both ends",
    global: true,
  },
  budget: {
    what: "a budget",
    maximum: 100,
    pattern: /^[^:\\]+$/,
    characters: "anything but : and backslashes",
    global: true,
  },
  codebuildProject: {
    what: "a CodeBuild project",
    minimum: 2,
    maximum: 150,
    pattern: /^[A-Za-z0-9][\w-]+$/,
    characters: "letters, digits, _ and -, beginning with a letter or digit",
  },
  dashboard: {
    what: "a CloudWatch dashboard",
    maximum: 255,
    pattern: /^[\w-]+$/,
    characters: "letters, digits, _ and -",
    global: true,
  },
  dlmDescription: {
    what: "a DLM policy's description",
    maximum: 500,
    pattern: /^[\w -]+$/,
    characters: "letters, digits, spaces, _ and -",
  },
  ecrRepository: {
    what: "an ECR repository",
    minimum: 2,
    maximum: 256,
    pattern: /^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/,
    characters: "lower-case letters and digits, joined by single . _ - or /",
  },
  iamPolicy: {
    what: "an IAM policy",
    maximum: 128,
    pattern: IAM,
    characters: "letters, digits and _+=,.@-",
    global: true,
  },
  iamRole: { what: "an IAM role", maximum: 64, pattern: IAM, characters: "letters, digits and _+=,.@-", global: true },
  lambdaFunction: {
    what: "a Lambda function",
    maximum: 64,
    pattern: /^[A-Za-z0-9_-]+$/,
    characters: "letters, digits, _ and -",
  },
  launchTemplate: {
    what: "a launch template",
    maximum: 128,
    pattern: /^[\w.()/-]+$/,
    characters: "letters, digits and _.()/-",
  },
  logGroup: { what: "a log group", maximum: 512, pattern: /^[\w./#-]+$/, characters: "letters, digits and _./#-" },
  parameter: {
    what: "a parameter",
    maximum: 1011,
    pattern: /^(\/[\w.-]+)+$/,
    characters: "a path of letters, digits and _.-",
  },
  rule: { what: "an EventBridge rule", maximum: 64, pattern: /^[\w.-]+$/, characters: "letters, digits and _.-" },
  schedule: {
    what: "an EventBridge schedule",
    maximum: 64,
    pattern: /^[\w.-]+$/,
    characters: "letters, digits and _.-",
  },
  snsTopic: { what: "an SNS topic", maximum: 256, pattern: /^[\w-]+$/, characters: "letters, digits, _ and -" },
  sqsQueue: { what: "an SQS queue", maximum: 80, pattern: /^[A-Za-z0-9_-]+$/, characters: "letters, digits, _ and -" },
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
  /** Keys below the entry that lead to where the name was typed; undefined: it is made of the entry's own name. */
  readonly path?: readonly string[];
}
