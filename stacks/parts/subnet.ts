/** Default subnets of the default VPC, for users who name no subnet. */
import { DataAwsSubnets, type IConstruct } from "../terraform/cdktf";
import { oncePerStack } from "../terraform/once-per-stack";

/** Filter of default subnets, of which the default VPC has one a zone. */
export const IS_DEFAULT = { name: "default-for-az", values: ["true"] };

/** Returns the default subnets, one a zone, of the default VPC, or none if there is no default VPC. */
export function defaultSubnets(scope: IConstruct): DataAwsSubnets {
  return oncePerStack(
    scope,
    "default.subnets",
    (at) => new DataAwsSubnets(at, "default.subnets", { filter: [IS_DEFAULT] }),
  );
}
