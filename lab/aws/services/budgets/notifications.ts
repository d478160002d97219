/** Notifications of budgets, and who is told. Nothing here spends money, so nobody ever is. */
import { AwsError } from "../../aws-error";
import type { BudgetNotification, BudgetRecord, Subscriber } from "../../budget";
import type { Call, Handlers } from "../../handler";
import { pageOf } from "../ec2/lists";
import { findBudget, invalid, type Named } from "./records";

/** Most notifications of a budget (Budgets API reference). Each has at most one topic and ten addresses. */
const NOTIFICATIONS = 5;
const SUBSCRIBERS = { SNS: 1, EMAIL: 10 };
const PER_PAGE = [1, 100];

/** Names a notification of a budget. */
interface OfNotification extends Named {
  readonly Notification: BudgetNotification;
}

interface Paged {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** What tells a notification from the others of its budget. */
function identity({ NotificationType, ComparisonOperator, Threshold, ThresholdType }: BudgetNotification): string {
  return [NotificationType, ComparisonOperator, Threshold, ThresholdType ?? "PERCENTAGE"].join(" ");
}

/** The notifications of a budget with one more. @throws AwsError if there is one like it, or something does not fit */
export function withNotification(
  { notifications }: BudgetRecord,
  wanted: BudgetNotification,
  subscribers: readonly Subscriber[],
): BudgetRecord["notifications"] {
  if (notifications.some(({ notification }) => identity(notification) === identity(wanted)))
    throw new AwsError("DuplicateRecordException", "Unable to create notification - the notification already exists.");
  if (notifications.length >= NOTIFICATIONS)
    throw new AwsError("CreationLimitExceededException", `At most ${NOTIFICATIONS} notifications per budget`);
  checkSubscribers(subscribers);
  return [...notifications, { notification: withDefaults(wanted), subscribers }];
}

function withDefaults(notification: BudgetNotification): BudgetNotification {
  return { ...notification, ThresholdType: notification.ThresholdType ?? "PERCENTAGE", NotificationState: "OK" };
}

function checkSubscribers(subscribers: readonly Subscriber[]): void {
  for (const { SubscriptionType, Address } of subscribers) {
    const form = SubscriptionType === "SNS" ? /^arn:[^:]+:sns:[^:]+:\d{12}:[\w-]+(\.fifo)?$/ : /^[^@\s]+@[^@\s]+$/;
    if (!form.test(Address)) throw invalid(`The ${SubscriptionType} subscriber ${Address} is not valid.`);
  }
  const keys = subscribers.map(keyOf);
  if (new Set(keys).size < keys.length) throw duplicate();
  for (const [type, most] of Object.entries(SUBSCRIBERS)) {
    if (subscribers.filter((one) => one.SubscriptionType === type).length <= most) continue;
    throw new AwsError("CreationLimitExceededException", `At most ${most} ${type} subscribers per notification`);
  }
}

function keyOf({ SubscriptionType, Address }: Subscriber): string {
  return `${SubscriptionType} ${Address}`;
}

function duplicate(): AwsError {
  return new AwsError("DuplicateRecordException", "Unable to create subscriber - the subscriber already exists.");
}

function missing(what: string): AwsError {
  return new AwsError("NotFoundException", `Unable to find ${what} - the ${what} doesn't exist.`);
}

/** A budget's record, and the place of a notification in it. */
function find(call: Call, input: OfNotification) {
  const record = findBudget(call, input);
  const index = record.notifications.findIndex(
    ({ notification }) => identity(notification) === identity(input.Notification),
  );
  const found = record.notifications[index];
  if (!found) throw missing("notification");
  return { record, index, ...found };
}

function createNotification(input: OfNotification & { readonly Subscribers: readonly Subscriber[] }, call: Call) {
  const record = findBudget(call, input);
  record.notifications = withNotification(record, input.Notification, input.Subscribers);
  return {};
}

interface Change extends Named {
  readonly OldNotification: BudgetNotification;
  readonly NewNotification: BudgetNotification;
}

function updateNotification({ OldNotification, NewNotification, ...named }: Change, call: Call) {
  const { record, index, subscribers } = find(call, { ...named, Notification: OldNotification });
  const others = record.notifications.filter((_, place) => place !== index);
  const changed = withNotification({ ...record, notifications: others }, NewNotification, subscribers);
  record.notifications = changed;
  return {};
}

/** A notification takes its subscribers along. */
function deleteNotification(input: OfNotification, call: Call) {
  const { record, index } = find(call, input);
  record.notifications = record.notifications.filter((_, place) => place !== index);
  return {};
}

function describeNotifications(input: Named & Paged, call: Call) {
  const { notifications } = findBudget(call, input);
  const { page, NextToken } = pageOf(notifications, input, PER_PAGE);
  return { Notifications: page.map(({ notification }) => notification), NextToken };
}

function describeSubscribers(input: OfNotification & Paged, call: Call) {
  const { page, NextToken } = pageOf(find(call, input).subscribers, input, PER_PAGE);
  return { Subscribers: page, NextToken };
}

/** Replaces the subscribers of a notification. The last one takes the notification along. */
function replaceSubscribers(call: Call, input: OfNotification, subscribers: readonly Subscriber[]) {
  checkSubscribers(subscribers);
  const { record, index, notification } = find(call, input);
  const changed = subscribers.length > 0 ? [{ notification, subscribers }] : [];
  record.notifications = record.notifications.flatMap((one, place) => (place === index ? changed : [one]));
  return {};
}

function createSubscriber(input: OfNotification & { readonly Subscriber: Subscriber }, call: Call) {
  return replaceSubscribers(call, input, [...find(call, input).subscribers, input.Subscriber]);
}

interface SubscriberChange extends OfNotification {
  readonly OldSubscriber: Subscriber;
  readonly NewSubscriber: Subscriber;
}

function updateSubscriber(input: SubscriberChange, call: Call) {
  return replaceSubscribers(call, input, [...without(call, input, input.OldSubscriber), input.NewSubscriber]);
}

function deleteSubscriber(input: OfNotification & { readonly Subscriber: Subscriber }, call: Call) {
  return replaceSubscribers(call, input, without(call, input, input.Subscriber));
}

/** The other subscribers of a notification. */
function without(call: Call, input: OfNotification, subscriber: Subscriber): Subscriber[] {
  const { subscribers } = find(call, input);
  const others = subscribers.filter((one) => keyOf(one) !== keyOf(subscriber));
  if (others.length === subscribers.length) throw missing("subscriber");
  return others;
}

/** The handlers of this file. */
export const budgetNotificationHandlers: Handlers = {
  "budgets:CreateNotification": createNotification,
  "budgets:UpdateNotification": updateNotification,
  "budgets:DeleteNotification": deleteNotification,
  "budgets:DescribeNotificationsForBudget": describeNotifications,
  "budgets:DescribeSubscribersForNotification": describeSubscribers,
  "budgets:CreateSubscriber": createSubscriber,
  "budgets:UpdateSubscriber": updateSubscriber,
  "budgets:DeleteSubscriber": deleteSubscriber,
};
