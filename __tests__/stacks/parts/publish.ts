/**
 * Permission of a service to publish to a topic. SNS asks the topic's policy. If a customer key encrypts the topic, the service needs the key too.
 * The lab's evaluation of IAM judges the policies. That both are asked is emulated here.
 */
import { isAllowed, listed, type Policy, type Statement } from "../../../lab/iam/policy";

export interface Publication {
  readonly topicPolicy: Policy;
  /** The statements of the key's policy, or undefined if the topic is not encrypted. */
  readonly keyPolicy?: Policy;
  readonly topicArn: string;
  /** Principal, e.g. `cloudwatch.amazonaws.com`. */
  readonly service: string;
  /** Condition keys that the service sends. */
  readonly context: Readonly<Record<string, string>>;
}

export function mayPublish({ topicPolicy, keyPolicy, topicArn, service, context }: Publication): boolean {
  const read = (key: string) => (context[key] === undefined ? undefined : [context[key]]);
  const allows = (policy: Policy, action: string, resource: string) =>
    isAllowed([forService(policy, service)], { action, resource, read });
  const byKey = ["kms:Decrypt", "kms:GenerateDataKey"].every(
    (action) => keyPolicy === undefined || allows(keyPolicy, action, "*"),
  );
  return byKey && allows(topicPolicy, "sns:Publish", topicArn);
}

/** Of a resource's policy, what is about a service. */
function forService({ Statement }: Policy, service: string): Policy {
  return { Statement: Statement.filter((statement) => principalsOf(statement).includes(service)) };
}

function principalsOf({ Principal }: Statement): readonly string[] {
  return Principal === undefined || Principal === "*" ? [] : listed(Principal.Service ?? []);
}
