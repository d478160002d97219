/** Default subnets of the default VPC, for whoever names no subnet. */
import { DataAwsSubnets, type IConstruct } from "../terraform/cdktf";
import { oncePerStack } from "../terraform/once-per-stack";

/** Default subnets, one a zone, of the default VPC; none where there is no default VPC. */
export function defaultSubnets(scope: IConstruct): DataAwsSubnets {
  return oncePerStack(
    scope,
    "default.subnets",
    (at) => new DataAwsSubnets(at, "default.subnets", { filter: [{ name: "default-for-az", values: ["true"] }] }),
  );
}
