import { builderSettings, cell, deployment, KEY_ARN, region, rotationSettings, workerSettings } from "./fixture";
import { type Json, type StackJson, synthesize } from "./synthesized";

interface Condition {
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

export interface Statement {
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
export const everything = {
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

/** What a stack's policies allow. What they deny may be everything. */
export function statementsOf(stack: StackJson, where: string): Statement[] {
  return Object.entries(stack.data.aws_iam_policy_document ?? {}).flatMap(([name, document]) => {
    const dynamic = [document.dynamic?.statement ?? []].flat().map(({ content }: Json) => content);
    const allowing = [...(document.statement ?? []), ...dynamic].filter(({ effect }: Json) => effect !== "Deny");
    return allowing.map((statement: Json) => ({
      resources: [],
      condition: [],
      ...statement,
      ...(typeof statement.resources === "string" && { resources: [statement.resources] }),
      where: `${where}: ${name}: ${statement.sid}`,
      document: name.replace("ci_x86_64_", ""),
    }));
  });
}

export const synthesized = Object.entries(CONFIGURATIONS).map(([name, wanted]) => [name, synthesize(wanted)] as const);
export const plainBuilder = synthesized[0]![1]["docker-cache-builder-eu-west-1"]!;
export const byConfiguration = synthesized.map(([name, stacks]) => {
  const statements = Object.entries(stacks).flatMap(([stack, json]) => statementsOf(json, `${name}: ${stack}`));
  return [name, statements] as const;
});
export const all = byConfiguration.flatMap(([, statements]) => statements);
/** Policies of resources, which say who may use them. */
const OF_RESOURCES = ["alarms", "failures", "router_queue"];
/** True if a document says what a role may do; others say who may assume it, or use a resource. */
export const isOfRole = ({ document }: Pick<Statement, "document">) =>
  !document.endsWith("_trust") && !OF_RESOURCES.includes(document);
export const permissions = all.filter(isOfRole);
export const ours = permissions.filter(({ document }) => document !== "replication");

export const valuesOf = ({ condition }: Statement, variable: string) =>
  condition.filter((one) => one.variable === variable).flatMap(({ values }) => values);
export const places = (statements: readonly Statement[]) => statements.map(({ where }) => where);
export const kindsOf = ({ resources }: Statement) => [
  ...new Set(resources.map((arn) => /(?:::|:|\.)([a-z-]+)(?:\/|\.)[^:]*$/.exec(arn)?.[1] ?? arn)),
];

/** Actions that IAM knows no resource for (Service Authorization Reference). */
const WITHOUT_RESOURCE = [
  /^(ec2|autoscaling):Describe/,
  /^ecr:GetAuthorizationToken$/,
  /^xray:Put/,
  /^cloudwatch:PutMetricData$/,
];

/** What is wrong with statements whatever role they are of, by their places; empty: nothing. DLM's own are AWS's, which are broad. */
export function broken(statements: readonly Statement[]): string[] {
  const wrong = (reason: string, breaks: (statement: Statement, index: number) => boolean) =>
    statements.filter(breaks).map(({ where }) => `${where}: ${reason}`);
  const seen = (place: string) => statements.findIndex(({ where }) => where === place);
  return [
    ...wrong("a wildcard in an action", ({ actions }) => actions.some((action) => action.includes("*"))),
    ...wrong(
      "on every resource, though IAM knows some",
      ({ document, resources, actions }) =>
        document !== "replication" &&
        resources.includes("*") &&
        !actions.every((action) => WITHOUT_RESOURCE.some((known) => known.test(action))),
    ),
    ...wrong("makes a log group", ({ actions }) => actions.includes("logs:CreateLogGroup")),
    ...wrong("as another is called", ({ where }, index) => seen(where) !== index),
  ];
}
