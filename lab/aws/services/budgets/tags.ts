/** Tags of budgets. */
import type { BudgetRecord } from "../../budget";
import type { Call, Handlers } from "../../handler";
import { findBudget, invalid } from "./records";

interface OfResource {
  readonly ResourceARN: string;
}

/** The budget of an ARN: `arn:PARTITION:budgets::ACCOUNT:budget/NAME`. */
function byArn(call: Call, { ResourceARN }: OfResource): BudgetRecord {
  const [, AccountId = "", BudgetName = ""] =
    /^arn:[^:]+:budgets::(\d{12}):budget\/((?:(?!\/action\/).)+)$/.exec(ResourceARN) ?? [];
  if (!BudgetName) throw invalid(`The ARN ${ResourceARN} is not a budget's.`);
  return findBudget(call, { AccountId, BudgetName });
}

function listTags(input: OfResource, call: Call) {
  return { ResourceTags: byArn(call, input).tags };
}

function tagResource(input: OfResource & { readonly ResourceTags: BudgetRecord["tags"] }, call: Call) {
  const record = byArn(call, input);
  const keys = new Set(input.ResourceTags.map(({ Key }) => Key));
  record.tags = [...record.tags.filter(({ Key }) => !keys.has(Key)), ...input.ResourceTags];
  return {};
}

function untagResource(input: OfResource & { readonly ResourceTagKeys: readonly string[] }, call: Call) {
  const record = byArn(call, input);
  record.tags = record.tags.filter(({ Key }) => !input.ResourceTagKeys.includes(Key));
  return {};
}

/** The handlers of this file. */
export const budgetTagHandlers: Handlers = {
  "budgets:ListTagsForResource": listTags,
  "budgets:TagResource": tagResource,
  "budgets:UntagResource": untagResource,
};
