/** Statements of the stacks' roles as IAM gets them, with what only the plan knows filled in. */
import { synthesizeEverything } from "../../../scripts/generate/everything";
import { all, type Statement as StackStatement, statementsOf } from "../../stacks/policy-statements";
import type { Statement } from "./iam";

export interface RoleStatement extends Statement {
  /** `configuration: stack: document: statement`, for messages. */
  readonly where: string;
  /** `builder`, `scheduler`, `replication`, `rotation`, `worker`, …; trust and resource policies have names of their own. */
  readonly document: string;
}

/** ARNs that only Terraform knows, by the type that they are of. */
const ARNS: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_group: "arn:aws:logs:eu-west-1:1:log-group:/docker-cache/x",
  aws_cloudwatch_event_rule: "arn:aws:events:eu-west-1:1:rule/docker-cache-x",
  aws_iam_role: "arn:aws:iam::1:role/docker-cache-ci-x86_64-builder-eu-west-1",
  aws_lambda_function: "arn:aws:lambda:eu-west-1:1:function:docker-cache-x",
  aws_launch_template: "arn:aws:ec2:eu-west-1:1:launch-template/x",
  aws_scheduler_schedule_group: "arn:aws:scheduler:eu-west-1:1:schedule-group/docker-cache-x",
  aws_sns_topic: "arn:aws:sns:eu-west-1:1:docker-cache-x",
  aws_sqs_queue: "arn:aws:sqs:eu-west-1:1:docker-cache-x",
};

/** A resource of a stack as far as it is known before the plan. */
function resolved(resource: string): string {
  return resource
    .replaceAll("${data.aws_partition.current.partition}", "aws")
    .replace(/^\$\{local\.\w*ecr_repositories\}$/, "arn:aws:ecr:eu-west-1:1:repository/x")
    .replace(/^\$\{(aws_\w+)\.\w+\.arn\}/, (whole, type: string) => ARNS[type] ?? whole)
    .replaceAll(/\$\{[^}]*\}/g, "x");
}

function conditionOf(condition: StackStatement["condition"]): NonNullable<Statement["Condition"]> {
  const operators: Record<string, Record<string, readonly string[]>> = {};
  for (const { test, variable, values } of condition) operators[test] = { ...operators[test], [variable]: values };
  return operators;
}

/** What makes documents of the companions' examples begins their names. */
const MAKERS = /^(pull_through|app_ci_images|ci_layer_cache|images_layer_cache)_/;

/** Of the companions' examples beside a cache with everything. */
const ofExamples = synthesizeEverything()
  .flatMap((stack) => statementsOf(stack, "examples"))
  .map((statement) => ({ ...statement, document: statement.document.replace(MAKERS, "") }));

/** Of every role, with nothing, with everything, and with everything and a customer key. */
export const roleStatements: readonly RoleStatement[] = [...all, ...ofExamples].map(
  ({ where, document, actions, resources, condition }) => ({
    where,
    document,
    Effect: "Allow",
    Action: actions,
    ...(resources.length > 0 && { Resource: resources.map(resolved) }),
    Condition: conditionOf(condition),
  }),
);
