/**
 * Where Terraform runs: partition, region, account and the names of service principals, read from data sources, so that nothing of ours names a
 * partition or a DNS suffix. One set per stack or module, however many cells ask.
 */
import {
  DataAwsCallerIdentity,
  DataAwsPartition,
  DataAwsRegion,
  DataAwsServicePrincipal,
  type IConstruct,
  TerraformStack,
} from "./cdktf";

/** The element with this id directly below the stack, made by `create` when it is first asked for. */
export function oncePerStack<T extends IConstruct>(
  scope: IConstruct,
  id: string,
  create: (at: TerraformStack) => T,
): T {
  const stack = TerraformStack.of(scope);
  return (stack.node.tryFindChild(id) as T | undefined) ?? create(stack);
}

export interface Current {
  /** `aws`, `aws-cn`, … */
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** `amazonaws.com` and its likes. */
  readonly dnsSuffix: string;
  /** The DNS name by which IAM knows a service here, e.g. of `ec2`. */
  principal(service: string): string;
  /** ARN of a resource of this account in this region; null leaves the field empty, as some ARNs have it. */
  arn(service: string, resource: string, override?: { region?: string | null; account?: string | null }): string;
}

export function currentOf(scope: IConstruct): Current {
  const { partition, dnsSuffix } = oncePerStack(
    scope,
    "current.partition",
    (at) => new DataAwsPartition(at, "current.partition"),
  );
  // `id` is the region's name in versions 5 and 6 of the provider; `name` is deprecated in 6.
  const { id: region } = oncePerStack(scope, "current.region", (at) => new DataAwsRegion(at, "current.region"));
  const { accountId } = oncePerStack(
    scope,
    "current.account",
    (at) => new DataAwsCallerIdentity(at, "current.account"),
  );
  return {
    partition,
    region,
    account: accountId,
    dnsSuffix,
    principal(service) {
      const id = `${service}.principal`;
      return oncePerStack(scope, id, (at) => new DataAwsServicePrincipal(at, id, { serviceName: service })).name;
    },
    arn(service, resource, override = {}) {
      const at = override.region === undefined ? region : (override.region ?? "");
      const owner = override.account === undefined ? accountId : (override.account ?? "");
      return `arn:${partition}:${service}:${at}:${owner}:${resource}`;
    },
  };
}
