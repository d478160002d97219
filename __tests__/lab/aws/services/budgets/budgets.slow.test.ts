import { type Emulated, errorOf, startEmulated } from "../../emulated";
import { type JsonClient, jsonClient } from "../../json-client";

let aws: Emulated;
let budgets: JsonClient;
beforeAll(async () => {
  aws = await startEmulated();
  budgets = jsonClient(aws, "budgets", "AWSBudgetServiceGateway", "us-east-1");
}, 120_000);
afterAll(() => aws?.stop());

const AccountId = "123456789012";
const seconds = (date: string) => new Date(date).getTime() / 1000;
const BUDGET = { BudgetType: "COST", TimeUnit: "MONTHLY", BudgetLimit: { Amount: "100", Unit: "USD" } };
const create = (BudgetName: string, more: object = {}, input: object = {}) =>
  budgets("CreateBudget", { AccountId, Budget: { ...BUDGET, BudgetName, ...more }, ...input });
const describe = async (BudgetName: string) =>
  (await budgets<{ Budget: Record<string, unknown> }>("DescribeBudget", { AccountId, BudgetName })).Budget;
const update = (BudgetName: string, more: object) =>
  budgets("UpdateBudget", { AccountId, NewBudget: { ...BUDGET, BudgetName, ...more } });

const Notification = { NotificationType: "ACTUAL", ComparisonOperator: "GREATER_THAN", Threshold: 80 };
const mail = (Address = "a@example.com") => ({ SubscriptionType: "EMAIL", Address });
const topic = (name = "alarms") => ({
  SubscriptionType: "SNS",
  Address: `arn:aws:sns:us-east-1:123456789012:${name}`,
});
const notify = (BudgetName: string, more: object = {}, Subscribers: object[] = [mail()]) =>
  budgets("CreateNotification", {
    ...{ AccountId, BudgetName, Subscribers },
    Notification: { ...Notification, ...more },
  });
const notifications = async (BudgetName: string) =>
  (await budgets<{ Notifications: object[] }>("DescribeNotificationsForBudget", { AccountId, BudgetName }))
    .Notifications;
const subscribers = async (BudgetName: string, more: object = {}) =>
  (
    await budgets<{ Subscribers: object[] }>("DescribeSubscribersForNotification", {
      ...{ AccountId, BudgetName },
      Notification: { ...Notification, ...more },
    })
  ).Subscribers;

test("a budget is created with the service's defaults, read, changed and deleted", async () => {
  await create("plain", { CostFilters: { Service: ["Amazon EC2 Container Registry (ECR)"] } });
  const made = await describe("plain");
  expect(made).toEqual({
    ...{ ...BUDGET, BudgetName: "plain", BudgetLimit: { Amount: "100.0", Unit: "USD" } },
    CostFilters: { Service: ["Amazon EC2 Container Registry (ECR)"] },
    CalculatedSpend: { ActualSpend: { Amount: "0.0", Unit: "USD" } },
    CostTypes: expect.objectContaining({ IncludeTax: true, UseBlended: false }),
    TimePeriod: { Start: seconds("2026-11-01T00:00:00Z"), End: seconds("2087-06-15T00:00:00Z") },
    LastUpdatedTime: aws.aws.now().getTime() / 1000,
  });
  await aws.pass(60);
  const End = seconds("2030-01-01T00:00:00Z");
  await update("plain", { BudgetLimit: { Amount: "50.5", Unit: "USD" }, TimePeriod: { End } });
  expect(await describe("plain")).toEqual({
    ...made,
    ...{ BudgetLimit: { Amount: "50.5", Unit: "USD" }, CostFilters: {} },
    TimePeriod: { Start: seconds("2026-11-01T00:00:00Z"), End },
    LastUpdatedTime: aws.aws.now().getTime() / 1000,
  });
  await budgets("DeleteBudget", { AccountId, BudgetName: "plain" });
  expect(await errorOf(describe("plain"))).toBe("NotFoundException");
  expect(await errorOf(update("plain", {}))).toBe("NotFoundException");
  expect(await errorOf(budgets("DeleteBudget", { AccountId, BudgetName: "plain" }))).toBe("NotFoundException");
});

test.each([
  ["DAILY", "2026-11-21"],
  ["MONTHLY", "2026-11-01"],
  ["QUARTERLY", "2026-10-01"],
  ["ANNUALLY", "2026-01-01"],
])("one that starts %s starts on %s", async (TimeUnit, start) => {
  await create(`starts ${TimeUnit}`, { TimeUnit });
  const Start = seconds(`${start}T00:00:00Z`);
  expect(await describe(`starts ${TimeUnit}`)).toMatchObject({ TimePeriod: { Start } });
});

test("lists come in pages, whatever region was signed for", async () => {
  await create("listed");
  const elsewhere = jsonClient(aws, "budgets", "AWSBudgetServiceGateway", "eu-west-1");
  const page = await elsewhere<{ Budgets: object[]; NextToken: string }>("DescribeBudgets", {
    AccountId,
    MaxResults: 1,
  });
  expect(page.Budgets).toHaveLength(1);
  const { NextToken } = page;
  const rest = await budgets<{ Budgets: { BudgetName: string }[] }>("DescribeBudgets", { AccountId, NextToken });
  expect(rest.Budgets.at(-1)?.BudgetName).toBe("listed");
});

test.each<[string, object]>([
  ["no limit", { BudgetLimit: undefined }],
  ["two limits", { PlannedBudgetLimits: { "1796083200": { Amount: "1", Unit: "USD" } } }],
  ["an amount that is none", { BudgetLimit: { Amount: "a lot", Unit: "USD" } }],
  ["a name with a colon", { BudgetName: "a:b" }],
  ["an unknown unit of time", { TimeUnit: "WEEKLY" }],
  ["an unknown filter", { CostFilters: { Weather: ["bad"] } }],
  ["cost types of another type", { BudgetType: "USAGE", CostTypes: { IncludeTax: true } }],
  ["an end before its start", { TimePeriod: { Start: seconds("2027-01-02"), End: seconds("2027-01-01") } }],
  ["an end after the end", { TimePeriod: { End: seconds("2090-01-01") } }],
])("%s is refused", async (_what, more) => {
  expect(await errorOf(create("refused", more))).toBe("InvalidParameterException");
  expect(await errorOf(describe("refused"))).toBe("NotFoundException");
});

test("a name that is taken and another account are refused", async () => {
  await create("taken");
  expect(await errorOf(create("taken"))).toBe("DuplicateRecordException");
  const other = budgets("DescribeBudget", { AccountId: "210987654321", BudgetName: "taken" });
  expect(await errorOf(other)).toBe("AccessDeniedException");
});

test("notifications come with their subscribers, who change one by one", async () => {
  const Subscribers = [mail(), topic()];
  await create("told", {}, { NotificationsWithSubscribers: [{ Notification, Subscribers }] });
  const known = { ...Notification, ThresholdType: "PERCENTAGE", NotificationState: "OK" };
  expect(await notifications("told")).toEqual([known]);
  expect(await subscribers("told")).toEqual(Subscribers);
  const change = (operation: string, input: object) =>
    budgets(operation, { AccountId, BudgetName: "told", Notification, ...input });
  await change("CreateSubscriber", { Subscriber: mail("b@example.com") });
  await change("DeleteSubscriber", { Subscriber: mail() });
  await change("UpdateSubscriber", { OldSubscriber: topic(), NewSubscriber: topic("others") });
  expect(await subscribers("told")).toEqual([mail("b@example.com"), topic("others")]);
  await notify("told", { NotificationType: "FORECASTED" });
  const NewNotification = { ...Notification, Threshold: 90 };
  await budgets("UpdateNotification", {
    ...{ AccountId, BudgetName: "told", NewNotification },
    OldNotification: Notification,
  });
  expect(await subscribers("told", { Threshold: 90 })).toEqual([mail("b@example.com"), topic("others")]);
  await change("DeleteNotification", { Notification: NewNotification });
  expect(await notifications("told")).toEqual([{ ...known, NotificationType: "FORECASTED" }]);
  // "Deleting the last subscriber to a notification also deletes the notification."
  const forecast = { ...Notification, NotificationType: "FORECASTED" };
  await change("DeleteSubscriber", { Notification: forecast, Subscriber: mail() });
  expect(await notifications("told")).toEqual([]);
});

test("what there is already, what is not there, and more than there may be is refused", async () => {
  await create("full");
  await notify("full");
  expect(await errorOf(notify("full", { ThresholdType: "PERCENTAGE" }))).toBe("DuplicateRecordException");
  expect(await errorOf(notify("gone"))).toBe("NotFoundException");
  expect(await errorOf(subscribers("full", { Threshold: 1 }))).toBe("NotFoundException");
  const add = (Subscriber: object) =>
    budgets("CreateSubscriber", { AccountId, BudgetName: "full", Notification, Subscriber });
  expect(await errorOf(add(mail()))).toBe("DuplicateRecordException");
  await add(topic());
  expect(await errorOf(add(topic("second")))).toBe("CreationLimitExceededException");
  expect(await errorOf(add({ SubscriptionType: "EMAIL", Address: "nobody" }))).toBe("InvalidParameterException");
  expect(await errorOf(add({ SubscriptionType: "SNS", Address: "topic" }))).toBe("InvalidParameterException");
  const remove = { AccountId, BudgetName: "full", Notification, Subscriber: mail("c@example.com") };
  expect(await errorOf(budgets("DeleteSubscriber", remove))).toBe("NotFoundException");
  const one = { Threshold: 1 };
  expect(await errorOf(notify("full", one, []))).toBe("InvalidParameterException");
  expect(await errorOf(notify("full", { Threshold: -1 }))).toBe("InvalidParameterException");
  const many = Array.from({ length: 11 }, (_, n) => mail(`${n}@example.com`));
  expect(await errorOf(notify("full", one, many))).toBe("CreationLimitExceededException");
  for (const Threshold of [1, 2, 3, 4]) await notify("full", { Threshold });
  expect(await errorOf(notify("full", { Threshold: 5 }))).toBe("CreationLimitExceededException");
});

test("a budget has tags", async () => {
  await create("tagged/all", {}, { ResourceTags: [{ Key: "cache", Value: "ci" }] });
  const ResourceARN = "arn:aws:budgets::123456789012:budget/tagged/all";
  await budgets("TagResource", { ResourceARN, ResourceTags: [{ Key: "more", Value: "tags" }] });
  await budgets("TagResource", { ResourceARN, ResourceTags: [{ Key: "cache", Value: "cd" }] });
  const tags = () => budgets<{ ResourceTags: object[] }>("ListTagsForResource", { ResourceARN });
  expect((await tags()).ResourceTags).toEqual([
    { Key: "more", Value: "tags" },
    { Key: "cache", Value: "cd" },
  ]);
  await budgets("UntagResource", { ResourceARN, ResourceTagKeys: ["more"] });
  expect((await tags()).ResourceTags).toEqual([{ Key: "cache", Value: "cd" }]);
  const list = (arn: string) => errorOf(budgets("ListTagsForResource", { ResourceARN: arn }));
  expect(await list(`${ResourceARN}-not`)).toBe("NotFoundException");
  expect(await list(`${ResourceARN}/action/1`)).toBe("InvalidParameterException");
  expect(await list("arn:aws:sns:us-east-1:123456789012:tagged")).toBe("InvalidParameterException");
});
