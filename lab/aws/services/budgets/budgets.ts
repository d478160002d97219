/** Budgets: moto can neither change a budget nor tag one. The service is global: whatever region a request names, all budgets are in one place. */
import { AwsError } from "../../aws-error";
import type { Budget, BudgetNotification, BudgetRecord, Spend, Subscriber } from "../../budget";
import type { Call, Handlers } from "../../handler";
import { pageOf } from "../ec2/lists";
import { withNotification } from "./notifications";
import { budgetsOf, findBudget, invalid, type Named } from "./records";

/** End of a budget that names none (Budgets API reference, TimePeriod). */
const END_OF_TIME = new Date("2087-06-15T00:00:00Z");

/** Defaults of the API reference. */
const COST_TYPES = {
  ...{ IncludeCredit: true, IncludeDiscount: true, IncludeOtherSubscription: true, IncludeRecurring: true },
  ...{ IncludeRefund: true, IncludeSubscription: true, IncludeSupport: true, IncludeTax: true, IncludeUpfront: true },
  ...{ UseAmortized: false, UseBlended: false },
};

/** Names of filters, by the documentation of Terraform's resource and of the Cost Explorer dimensions behind them. */
const FILTERS = new Set([
  ...["AZ", "BillingEntity", "CostCategory", "InstanceType", "InvoicingEntity", "LegalEntityName", "LinkedAccount"],
  ...["Operation", "PurchaseType", "Region", "Service", "TagKeyValue", "UsageType", "UsageTypeGroup"],
]);

/** Newer settings of a budget, which take the place of filters and cost types. */
const NOT_EMULATED = ["FilterExpression", "Metrics", "BillingViewArn"];

/** A budget as requests give it. */
type Wanted = Partial<Omit<Budget, "TimePeriod">> &
  Pick<Budget, "BudgetName" | "BudgetType" | "TimeUnit"> & { readonly TimePeriod?: Partial<Budget["TimePeriod"]> };

interface Creation {
  readonly AccountId: string;
  readonly Budget: Wanted;
  readonly NotificationsWithSubscribers?: readonly {
    readonly Notification: BudgetNotification;
    readonly Subscribers: readonly Subscriber[];
  }[];
  readonly ResourceTags?: BudgetRecord["tags"];
}

function createBudget(input: Creation, call: Call) {
  const budgets = budgetsOf(call, input.AccountId);
  const { BudgetName } = input.Budget;
  if (budgets[BudgetName]) {
    const message = `Error creating budget: ${BudgetName} - the budget already exists.`;
    throw new AwsError("DuplicateRecordException", message);
  }
  const made: BudgetRecord = {
    budget: complete(input.Budget, call),
    notifications: [],
    tags: input.ResourceTags ?? [],
  };
  for (const { Notification, Subscribers } of input.NotificationsWithSubscribers ?? [])
    made.notifications = withNotification(made, Notification, Subscribers);
  budgets[BudgetName] = made;
  return {};
}

/** Replaces everything but the name and what was spent. */
function updateBudget({ AccountId, NewBudget }: { AccountId: string; NewBudget: Wanted }, call: Call) {
  const record = findBudget(call, { AccountId, BudgetName: NewBudget.BudgetName });
  const { TimePeriod, CalculatedSpend } = record.budget;
  const period = { ...TimePeriod, ...NewBudget.TimePeriod };
  record.budget = complete({ ...NewBudget, TimePeriod: period, CalculatedSpend }, call);
  return {};
}

function describeBudget(input: Named, call: Call) {
  return { Budget: findBudget(call, input).budget };
}

interface Paged {
  readonly AccountId: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

function describeBudgets(input: Paged, call: Call) {
  const budgets = Object.values(budgetsOf(call, input.AccountId)).map(({ budget }) => budget);
  const { page, NextToken } = pageOf(budgets, input, [1, 1000]);
  return { Budgets: page, NextToken };
}

/** A budget takes its notifications along, and they their subscribers. */
function deleteBudget(input: Named, call: Call) {
  findBudget(call, input);
  delete budgetsOf(call, input.AccountId)[input.BudgetName];
  return {};
}

/** A budget with the service's defaults. @throws AwsError InvalidParameterException if the service does not take it */
function complete(wanted: Wanted, { aws }: Call): Budget {
  check(wanted);
  const { BudgetLimit, PlannedBudgetLimits = {}, BudgetType, TimePeriod, TimeUnit } = wanted;
  const planned = Object.entries(PlannedBudgetLimits).map(([start, limit]) => [start, decimal(limit)]);
  const budget = {
    CostFilters: {},
    CalculatedSpend: { ActualSpend: { Amount: "0.0", Unit: "USD" } },
    ...wanted,
    TimePeriod: { Start: TimePeriod?.Start ?? startOf(TimeUnit, aws.now()), End: TimePeriod?.End ?? END_OF_TIME },
    BudgetLimit: BudgetLimit && decimal(BudgetLimit),
    PlannedBudgetLimits: planned.length > 0 ? Object.fromEntries(planned) : undefined,
    CostTypes: BudgetType === "COST" ? { ...COST_TYPES, ...wanted.CostTypes } : undefined,
    LastUpdatedTime: aws.now(),
  };
  if (budget.TimePeriod.Start >= budget.TimePeriod.End) throw invalid("The start date must come before the end date.");
  return budget;
}

function check(wanted: Wanted): void {
  const {
    BudgetLimit,
    PlannedBudgetLimits,
    AutoAdjustData,
    BudgetType,
    CostFilters = {},
    CostTypes,
    TimePeriod,
  } = wanted;
  const unknown = NOT_EMULATED.find((name) => name in wanted);
  if (unknown) throw new Error(`a budget's ${unknown} is not emulated`);
  const limits = [BudgetLimit, PlannedBudgetLimits, AutoAdjustData].filter(Boolean).length;
  const counts = BudgetType === "COST" || BudgetType === "USAGE";
  const filter = Object.keys(CostFilters).find((name) => !FILTERS.has(name));
  const problems: Record<string, boolean> = {
    "please provide one of the followings: Budget Limit/ Planned Budget Limit/ Auto Adjust Data":
      counts && limits === 0,
    "only one of Budget Limit, Planned Budget Limit and Auto Adjust Data can be present": limits > 1,
    [`the cost filter ${filter} does not exist`]: filter !== undefined,
    "cost types belong to budgets of the type COST": CostTypes !== undefined && BudgetType !== "COST",
    "the end date must come before 06/15/87 00:00 UTC": (TimePeriod?.End ?? END_OF_TIME) > END_OF_TIME,
  };
  const problem = Object.keys(problems).find((text) => problems[text]);
  if (problem) throw invalid(`Unable to create/update budget - ${problem}`);
}

/** Amounts come back with a fraction: 100 as 100.0. */
function decimal({ Amount, Unit }: Spend): Spend {
  return { Amount: Amount.includes(".") ? Amount : `${Amount}.0`, Unit };
}

/** Start of a budget that names none: that of the period that runs (TimePeriod): for one that is made on the 24th, the first of the month. */
function startOf(unit: Budget["TimeUnit"], now: Date): Date {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  if (unit === "ANNUALLY") return new Date(Date.UTC(year, 0));
  if (unit === "QUARTERLY") return new Date(Date.UTC(year, month - (month % 3)));
  return new Date(Date.UTC(year, month, unit === "MONTHLY" ? 1 : now.getUTCDate()));
}

/** The handlers of this file. */
export const budgetHandlers: Handlers = {
  "budgets:CreateBudget": createBudget,
  "budgets:UpdateBudget": updateBudget,
  "budgets:DescribeBudget": describeBudget,
  "budgets:DescribeBudgets": describeBudgets,
  "budgets:DeleteBudget": deleteBudget,
};
