/** Permissions that a call needs. One call may need several, each on a resource of its own. */
import type { Aws } from "../aws/handler";
import type { IncomingCall } from "../aws/hooks";
import type { Facts, Tags } from "./context";
import type { Policy } from "./policy";

/** One thing that the caller's policies have to allow. */
export interface Demand extends Facts {
  /** `service:Action`. */
  readonly action: string;
  /** ARN, or `*` if the action knows no resources. */
  readonly resource: string;
  /** The resource's own policy, which may allow or deny, too. The resource is of the caller's account. @default - it has none */
  readonly resourcePolicy?: Policy;
}

/** A call and the account that it was made in. */
export interface Asked {
  readonly aws: Aws;
  readonly call: IncomingCall;
}

/** An ARN of the caller's region and account. */
export function arnOf({ aws, call }: Asked, service: string, resource: string, where: Where = {}): string {
  const { region = call.region, account = aws.accountId } = where;
  return `arn:${aws.partition}:${service}:${region}:${account}:${resource}`;
}

/** Another region or account; empty if the ARNs of a kind have none. */
export interface Where {
  readonly region?: string;
  readonly account?: string;
}

/** Tags as a request or an answer lists them; CodeBuild writes `key` and `value`. */
export function tagsFrom(list: unknown): Tags {
  const tags = (list ?? []) as readonly Readonly<Record<"Key" | "Value" | "key" | "value", string | undefined>>[];
  return Object.fromEntries(tags.map(({ Key, Value, key = "", value = "" }) => [Key ?? key, Value ?? value]));
}
