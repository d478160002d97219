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

/** Each source stands only in stacks that ask for what it tells. */
export function currentOf(scope: IConstruct): Current {
  const once = <T extends IConstruct>(id: string, create: (at: TerraformStack, id: string) => T) =>
    oncePerStack(scope, id, (at) => create(at, id));
  const partition = () => once("current.partition", (at, id) => new DataAwsPartition(at, id));
  return {
    get partition() {
      return partition().partition;
    },
    get dnsSuffix() {
      return partition().dnsSuffix;
    },
    get region() {
      // `id` is the region's name in versions 5 and 6 of the provider; `name` is deprecated in 6.
      return once("current.region", (at, id) => new DataAwsRegion(at, id)).id;
    },
    get account() {
      return once("current.account", (at, id) => new DataAwsCallerIdentity(at, id)).accountId;
    },
    principal(service) {
      return once(`${service}.principal`, (at, id) => new DataAwsServicePrincipal(at, id, { serviceName: service }))
        .name;
    },
    arn(service, resource, override = {}) {
      const region = override.region === undefined ? this.region : (override.region ?? "");
      const owner = override.account === undefined ? this.account : (override.account ?? "");
      return `arn:${this.partition}:${service}:${region}:${owner}:${resource}`;
    },
  };
}
