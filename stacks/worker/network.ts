/**
 * Network in which workers are launched. Without a subnet the launcher decides, an Auto Scaling group or a request. With one the
 * template does, and there is no public address unless it is asked for.
 */
import type { WorkerSettings } from "../../lib/config/cell";
import type { CellScope } from "../parts/cell-scope";
import { createSecurityGroup, type SecurityGroups } from "../parts/security-group";
import { defaultSubnets } from "../parts/subnet";
import { DataAwsSubnet, type LaunchTemplate, TerraformLocal } from "../terraform/cdktf";
import { hcl, list, str } from "../terraform/expression";
import { attributeOf, countIfNone, isAbsent, isMaybe, mayBeEmpty, optionalBlock, orElse } from "../terraform/maybe";

/** Our security group, in the VPC of the subnet or else in the default VPC; or the user's. */
export function createNetwork(cell: CellScope<WorkerSettings>): SecurityGroups {
  const { scope, props, current } = cell;
  const { subnetId, securityGroupIds } = props.network;
  if (!mayBeEmpty(securityGroupIds)) return createSecurityGroup(cell, "worker", cell.names.worker, "");
  const fallback =
    isAbsent(subnetId) || isMaybe(subnetId) ? hcl`try(sort(${defaultSubnets(scope).ids})[0], null)` : null;
  const id =
    fallback === null ? subnetId! : new TerraformLocal(scope, "subnet_id", orElse(subnetId, fallback)).asString;
  const subnet = new DataAwsSubnet(scope, "worker.subnet", {
    id,
    count: countIfNone(securityGroupIds),
    lifecycle:
      fallback === null
        ? undefined
        : {
            precondition: [
              {
                condition: str`${id} != null`,
                errorMessage: `Region ${current.region} has no default VPC, so there is no place for the workers' security group of ${props.name}/${props.architecture}: name a subnet, or security groups of your own.`,
              },
            ],
          },
  });
  return createSecurityGroup(cell, "worker", cell.names.worker, attributeOf(subnet, "vpc_id"));
}

/** Groups stand on the interface if the template has one, for EC2 takes them in one place only. */
export function addNetwork(template: LaunchTemplate, { network }: WorkerSettings, { ids }: SecurityGroups): void {
  const { subnetId, associatePublicIpAddress: asked } = network;
  if (isAbsent(subnetId)) template.addOverride("vpc_security_group_ids", ids);
  if (isMaybe(subnetId)) template.addOverride("vpc_security_group_ids", list`${subnetId} == null ? ${ids} : null`);
  optionalBlock(template, "network_interfaces", subnetId, (subnet) => ({
    device_index: 0,
    subnet_id: subnet,
    security_groups: ids,
    associate_public_ip_address: isMaybe(asked) ? str`coalesce(${asked}, false)` : String(asked ?? false),
    delete_on_termination: "true",
  }));
}
