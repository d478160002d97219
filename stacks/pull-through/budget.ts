/** The budget of ECR in a region. An alarm on the account's estimated charges would see no region, and that metric is in one region alone (docs/decisions). */
import { keepName } from "../parts/keep-name";
import { BudgetsBudget } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { list, str } from "../terraform/expression";
import { countIfGiven, isAbsent, isMaybe, isNull } from "../terraform/maybe";
import type { PullThroughProps } from "./props";
import type { PullThroughScope } from "./scope";

/** ECR, as Cost Explorer and Budgets call it. */
export const ECR_IN_BILLING = "Amazon EC2 Container Registry (ECR)";

export function createBudget(
  { scope, props, current, names, tags, identity }: PullThroughScope,
  topicArn: string,
): void {
  const { monthlyBudgetUsd } = props;
  if (isAbsent(monthlyBudgetUsd)) return;
  const notification = (notificationType: string) => ({
    notificationType,
    comparisonOperator: "GREATER_THAN",
    threshold: 100,
    thresholdType: "PERCENTAGE",
    ...subscribers(props, topicArn),
  });
  const budget = new BudgetsBudget(scope, "ecr.budget", {
    name: names.budget,
    budgetType: "COST",
    limitAmount: str`tostring(${monthlyBudgetUsd})`,
    limitUnit: "USD",
    timeUnit: "MONTHLY",
    costFilter: [
      { name: "Service", values: [ECR_IN_BILLING] },
      { name: "Region", values: [current.region] },
    ],
    notification: [notification("ACTUAL"), notification("FORECASTED")],
    tags: tags(),
    count: countIfGiven(monthlyBudgetUsd),
    lifecycle: keepName(identity),
  });
  comment(budget, "Of all repositories in the region: ECR's costs are not told apart by tags.");
}

/** An address is told by AWS Budgets itself; without one there is a topic of the user's, which has to admit AWS Budgets. */
function subscribers({ email }: PullThroughProps, alarmTopicArn: string) {
  if (isAbsent(email)) return { subscriberSnsTopicArns: [alarmTopicArn] };
  if (!isMaybe(email)) return { subscriberEmailAddresses: [email] };
  return {
    subscriberEmailAddresses: list`${isNull(email)} ? [] : [${email}]`,
    subscriberSnsTopicArns: list`${isNull(email)} ? [${alarmTopicArn}] : []`,
  };
}
