/**
 * Network in which workers are launched. Without a subnet the launcher decides, an Auto Scaling group or a request. With one the
 * template does, and there is no public address unless it is asked for.
 */
import type { WorkerSettings } from "../../lib/config/cell";
import type { CellScope } from "../parts/cell-scope";
import { countOfGroup, createSecurityGroup, type SecurityGroups } from "../parts/security-group";
import { IS_DEFAULT } from "../parts/subnet";
import type { Switches } from "../parts/switches";
import { DataAwsSubnet, DataAwsSubnets, type LaunchTemplate } from "../terraform/cdktf";
import { hcl, list, str } from "../terraform/expression";
import {
  attributeOf,
  isAbsent,
  isMaybe,
  mayBeAbsent,
  mayBeEmpty,
  optionalBlock,
  orElse,
  unlessGiven,
} from "../terraform/maybe";

/** Our security group, in the VPC of the subnet or else in the default VPC; or the user's. */
export function createNetwork(cell: CellScope<WorkerSettings & Switches>): SecurityGroups {
  const { scope, props } = cell;
  const { subnetId, securityGroupIds } = props.network;
  if (!mayBeEmpty(securityGroupIds)) return createSecurityGroup(cell, "worker", cell.names.worker, "");
  const subnet = new DataAwsSubnet(scope, "worker.subnet", {
    id: mayBeAbsent(subnetId) ? orDefault(cell) : subnetId!,
    count: countOfGroup(props),
  });
  return createSecurityGroup(cell, "worker", cell.names.worker, attributeOf(subnet, "vpc_id"));
}

/** The named subnet, or else one of the default VPC. */
function orDefault({ scope, props, current }: CellScope<WorkerSettings & Switches>): string {
  const { subnetId } = props.network;
  const subnets = new DataAwsSubnets(scope, "worker.subnets", {
    filter: [IS_DEFAULT],
    count: countOfGroup(props),
    lifecycle: {
      postcondition: [
        {
          condition: str`${unlessGiven(subnetId, hcl`length(self.ids) > 0`)}`,
          errorMessage: `Region ${current.region} has no default VPC, so there is no place for the workers' security group of ${props.name}/${props.architecture}: name a subnet, or security groups of your own.`,
        },
      ],
    },
  });
  return str`${orElse(subnetId, hcl`try(sort(${attributeOf(subnets, "ids")})[0], null)`)}`;
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
