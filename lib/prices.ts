/** Prices that the command line reckons with and docs/cost.md quotes: list prices of us-east-1 in USD, without tax or discount. A test holds that the page has these. */

/** A price. */
export interface Price {
  /** What it buys, and the unit, as docs/cost.md calls it. */
  readonly what: string;
  readonly usd: number;
  /** Where it was found, in Markdown. */
  readonly source: string;
  /** Month in which it was found there, `YYYY-MM`. */
  readonly found: string;
}

const c3x = (resource: string) => `[c3x.dev, ${resource}](https://c3x.dev/resources/aws/${resource})`;
const devnotes =
  "[devnotes.tech](https://devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples)";
/** When most of them were last looked up. */
const FOUND = "2026-11";

export const PRICES = {
  gp3Month: { what: "gp3 volume, GB-month", usd: 0.08, source: c3x("aws_ebs_volume"), found: FOUND },
  snapshotMonth: {
    what: "snapshot, GB-month of changed blocks",
    usd: 0.05,
    source: "[c3x.dev, aws_ebs_snapshot](https://c3x.dev/resources/aws/aws_ebs_snapshot/)",
    found: FOUND,
  },
  crossRegionGb: {
    what: "transfer to another region, GB (most pairs)",
    usd: 0.02,
    source: "[awsnegotiations.com](https://awsnegotiations.com/cross-region-transfer-minimization.html)",
    found: FOUND,
  },
  m6iXlargeHour: {
    what: "m6i.xlarge, hour",
    usd: 0.192,
    source: "[c3x.dev, instance families](https://c3x.dev/blog/m5-vs-m6i-vs-m7i-cost-performance)",
    found: FOUND,
  },
  initializationGb: {
    what: "volume initialization at 201 to 300 MiB/s, GB",
    usd: 0.0036,
    source: "runs-on/snapshot, README; at 100 to 200 MiB/s: 0.0024",
    found: FOUND,
  },
  fastRestoreHour: {
    what: "fast snapshot restore, hour and zone",
    usd: 0.75,
    source:
      "[How AWS Pricing Works](https://docs.aws.amazon.com/whitepapers/latest/how-aws-pricing-works/amazon-ebs.html)",
    found: FOUND,
  },
  metricMonth: {
    what: "CloudWatch custom metric, month",
    usd: 0.3,
    source: "[calculator.city](https://cal53.calculator.city/cloudwatch-custom-metrics-calculator/)",
    found: FOUND,
  },
  alarmMonth: {
    what: "CloudWatch alarm, month",
    usd: 0.1,
    source: c3x("aws_cloudwatch_metric_alarm"),
    found: FOUND,
  },
  dashboardMonth: {
    what: "CloudWatch dashboard, month (the first three are free)",
    usd: 3,
    source:
      "[factualminds.com](https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards.md)",
    found: FOUND,
  },
  ecrMonth: {
    what: "ECR private storage, GB-month",
    usd: 0.1,
    source: c3x("aws_ecr_repository"),
    found: FOUND,
  },
  codebuildSmallMinute: {
    what: "CodeBuild general1.small, minute",
    usd: 0.005,
    source: c3x("aws_codebuild_project"),
    found: FOUND,
  },
  codebuildMediumMinute: {
    what: "CodeBuild general1.medium, minute",
    usd: 0.01,
    source: c3x("aws_codebuild_project"),
    found: FOUND,
  },
  s3Month: { what: "S3 Standard storage, GB-month", usd: 0.023, source: devnotes, found: "2026-12" },
  s3Writes: { what: "S3 PUT, COPY, POST and LIST, 1,000 requests", usd: 0.005, source: devnotes, found: "2026-12" },
  s3Reads: { what: "S3 GET, HEAD and others, 1,000 requests", usd: 0.0004, source: devnotes, found: "2026-12" },
} as const satisfies Readonly<Record<string, Price>>;

/** GB of private storage in ECR that cost nothing in an account's first year ([c3x.dev](https://c3x.dev/resources/aws/aws_ecr_repository)). */
export const ECR_FREE_GB = 0.5;
