/** Budgets, as the emulation keeps them; names are the API's. */

/** An amount of money, or of whatever a budget counts. */
export interface Spend {
  readonly Amount: string;
  readonly Unit: string;
}

/** A budget as DescribeBudget shows it. */
export interface Budget {
  readonly BudgetName: string;
  readonly BudgetType: string;
  readonly TimeUnit: "DAILY" | "MONTHLY" | "QUARTERLY" | "ANNUALLY" | "CUSTOM";
  readonly TimePeriod: { readonly Start: Date; readonly End: Date };
  readonly LastUpdatedTime: Date;
  readonly CalculatedSpend: { readonly ActualSpend: Spend };
  readonly BudgetLimit?: Spend;
  readonly PlannedBudgetLimits?: Readonly<Record<string, Spend>>;
  readonly AutoAdjustData?: object;
  readonly CostFilters?: Readonly<Record<string, readonly string[]>>;
  readonly CostTypes?: Readonly<Record<string, boolean>>;
}

/** A threshold that is told of. All but its state identify it. */
export interface BudgetNotification {
  readonly NotificationType: string;
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly ThresholdType: string;
  readonly NotificationState: string;
}

/** An address that is told. */
export interface Subscriber {
  readonly SubscriptionType: "SNS" | "EMAIL";
  readonly Address: string;
}

/** Record of a budget. */
export interface BudgetRecord {
  budget: Budget;
  notifications: { readonly notification: BudgetNotification; readonly subscribers: readonly Subscriber[] }[];
  tags: readonly { readonly Key: string; readonly Value: string }[];
}
