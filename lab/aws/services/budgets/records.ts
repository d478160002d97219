/** Finds budgets, for all handlers of the service. */
import { AwsError } from "../../aws-error";
import type { BudgetRecord } from "../../budget";
import type { Call } from "../../handler";

/** Budgets is global, with its one endpoint in this region. A client with an endpoint of its own signs for its own region. */
const HOME = "us-east-1";

/** Names a budget. */
export interface Named {
  readonly AccountId: string;
  readonly BudgetName: string;
}

/** The error of nearly everything. */
export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

/** All budgets of an account, by name. @throws AwsError AccessDeniedException for another account than the caller's */
export function budgetsOf({ aws }: Call, accountId: string): Record<string, BudgetRecord> {
  if (accountId === aws.accountId) return aws.state(HOME).budgets;
  throw new AwsError("AccessDeniedException", `Access denied to account ${accountId}`);
}

/** @throws AwsError NotFoundException if the account has no such budget */
export function findBudget(call: Call, { AccountId, BudgetName }: Named): BudgetRecord {
  const record = budgetsOf(call, AccountId)[BudgetName];
  if (record) return record;
  throw new AwsError("NotFoundException", `Unable to get budget: ${BudgetName} - the budget doesn't exist.`);
}
