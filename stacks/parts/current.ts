/**
 * Surroundings that Terraform runs in: partition, region, account and the names of service principals. Data sources tell them, so
 * that our code names no partition and no DNS suffix. One set per stack or module, however many cells ask.
 */

import { ModuleStack } from "../faces/module-stack";
import {
  DataAwsCallerIdentity,
  DataAwsPartition,
  DataAwsRegion,
  DataAwsServicePrincipal,
  type IConstruct,
  TerraformLocal,
} from "../terraform/cdktf";
import { oncePerStack } from "../terraform/once-per-stack";

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
  const partition = () => oncePerStack(scope, "current.partition", (at, id) => new DataAwsPartition(at, id));
  return {
    get partition() {
      return inShort(scope, "partition", partition().partition);
    },
    get dnsSuffix() {
      return inShort(scope, "dns_suffix", partition().dnsSuffix);
    },
    get region() {
      // `id` is the region's name in versions 5 and 6 of the provider; `name` is deprecated in 6.
      const region = oncePerStack(scope, "current.region", (at, id) => new DataAwsRegion(at, id));
      return inShort(scope, "region", region.id);
    },
    get account() {
      const identity = oncePerStack(scope, "current.account", (at, id) => new DataAwsCallerIdentity(at, id));
      return inShort(scope, "account_id", identity.accountId);
    },
    principal(service) {
      const create = (at: IConstruct, id: string) => new DataAwsServicePrincipal(at, id, { serviceName: service });
      return oncePerStack(scope, `${service}.principal`, create).name;
    },
    arn(service, resource, override = {}) {
      const region = override.region === undefined ? this.region : (override.region ?? "");
      const owner = override.account === undefined ? this.account : (override.account ?? "");
      return `arn:${this.partition}:${service}:${region}:${owner}:${resource}`;
    },
  };
}

/** Modules are read by people, to whom `local.region` says it: a local value there, and in a stack the source itself. */
function inShort(scope: IConstruct, name: string, value: string): string {
  if (!(ModuleStack.of(scope) instanceof ModuleStack)) return value;
  return oncePerStack(scope, `${name}.local`, (at, id) => new TerraformLocal(at, id, value)).asString;
}
