/**
 * The subnet of the builder, and the zone that it gives a new cache volume. A volume that is there keeps its zone, since EBS volumes cannot move. So
 * nothing here is looked up of the volume before it is made, and a builder without a named subnet follows the volume.
 */
import type { BuilderSettings } from "../../lib/config/cell";
import type { Rule } from "../faces/module-stack";
import type { CellScope } from "../parts/cell-scope";
import { defaultSubnets, IS_DEFAULT } from "../parts/subnet";
import {
  DataAwsEc2InstanceTypeOfferings,
  DataAwsSubnet,
  DataAwsSubnets,
  type EbsVolume,
  TerraformLocal,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, list, str } from "../terraform/expression";
import { lookedUp } from "../terraform/looked-up";
import { isMaybe, mayBeAbsent, orElse, unlessGiven } from "../terraform/maybe";

export interface Zone {
  /** The named subnet or, without one, the default subnet that a new volume goes by. Its zone is a new volume's. */
  readonly subnet: DataAwsSubnet;
  readonly offerings: DataAwsEc2InstanceTypeOfferings;
}

/** Subnet of the builder, with what must hold before it is used. */
export interface BuilderSubnet {
  readonly id: string;
  readonly conditions: readonly Rule[];
}

export function createZone(cell: CellScope<BuilderSettings>): Zone {
  const { scope, props } = cell;
  const offerings = new DataAwsEc2InstanceTypeOfferings(scope, "builder.offerings", {
    locationType: "availability-zone",
    filter: [{ name: "instance-type", values: [props.instance.instanceType] }],
  });
  const { subnetId } = props.network;
  const id = mayBeAbsent(subnetId) ? orFirstDefault(cell, offerings) : subnetId!;
  return { subnet: new DataAwsSubnet(scope, "builder.subnet", { id }), offerings };
}

/** The named subnet, or else a default subnet in a zone that offers the instance type. */
function orFirstDefault(cell: CellScope<BuilderSettings>, offerings: DataAwsEc2InstanceTypeOfferings): string {
  const { scope, props, current } = cell;
  const { subnetId } = props.network;
  const cache = `${props.name}/${props.architecture}`;
  const all = defaultSubnets(scope).ids;
  // A filter must have a value.
  const zones = list`coalescelist(${offerings.locations}, ["none"])`;
  const offered = new DataAwsSubnets(scope, "offered.subnets", {
    filter: [IS_DEFAULT, { name: "availability-zone", values: zones }],
    lifecycle: {
      postcondition: [
        {
          condition: str`${unlessGiven(subnetId, hcl`length(${all}) > 0`)}`,
          errorMessage: `Region ${current.region} has no default VPC with default subnets, and no subnet is named for the builder of ${cache}: name one.`,
        },
        {
          condition: str`${unlessGiven(subnetId, hcl`length(${all}) == 0 || length(self.ids) > 0`)}`,
          errorMessage: `Instance type ${props.instance.instanceType} is offered in no zone of ${current.region} that has a default subnet. Take another type, or name a subnet in a zone that offers it.`,
        },
      ],
    },
  });
  return str`${orElse(subnetId, hcl`try(sort(${offered.ids})[0], null)`)}`;
}

/** The named subnet, or else the default subnet in the volume's zone. */
export function createSubnet(cell: CellScope<BuilderSettings>, zone: Zone, volume: EbsVolume): BuilderSubnet {
  const { scope, props } = cell;
  const { subnetId } = props.network;
  const cache = `${props.name}/${props.architecture}`;
  const at = volume.availabilityZone;
  const offered: Rule = {
    condition: str`contains(${zone.offerings.locations}, ${at})`,
    errorMessage: `Instance type ${props.instance.instanceType} is not offered in zone ${at}, where the cache volume of ${cache} is. Take a type that is, or raise generation to get a new volume in another zone.`,
  };
  const inZone: Rule = {
    condition: isMaybe(subnetId)
      ? str`${subnetId} == null || ${zone.subnet.availabilityZone} == ${at}`
      : str`${zone.subnet.availabilityZone} == ${at}`,
    errorMessage: `The cache volume of ${cache} is in zone ${at}, and subnet ${zone.subnet.id} is in ${zone.subnet.availabilityZone}: take a subnet in ${at}, or raise generation, which makes a new volume in the subnet's zone.`,
  };
  if (!mayBeAbsent(subnetId)) return { id: subnetId!, conditions: [inZone, offered] };
  const own = new DataAwsSubnets(scope, "builder.subnets", {
    filter: [IS_DEFAULT, { name: "availability-zone", values: [lookedUp(scope, "volume_zone", at)] }],
  });
  comment(own, "A volume stays in its zone, and the builder goes where it is.");
  const local = new TerraformLocal(scope, "subnet_id", orElse(subnetId, hcl`one(${own.ids})`));
  const there: Rule = {
    condition: str`${local.expression} != null`,
    errorMessage: `Zone ${at} of the cache volume of ${cache} has no default subnet any more: name a subnet in ${at}.`,
  };
  return { id: local.asString, conditions: [there, ...(isMaybe(subnetId) ? [inZone] : []), offered] };
}
