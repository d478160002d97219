/**
 * The zone of the cache volume and the subnet of the builder. A named subnet decides the zone. Without one a zone is chosen once, of those that
 * have a default subnet and offer the instance type, and kept: EBS volumes cannot move.
 */
import type { BuilderSettings } from "../../lib/config/cell";
import type { CellScope } from "../parts/cell-scope";
import { defaultSubnets } from "../parts/subnet";
import { DataAwsEc2InstanceTypeOfferings, DataAwsSubnet, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, list, str } from "../terraform/expression";
import { isMaybe, mayBeAbsent, raw } from "../terraform/maybe";
import { oncePerStack } from "../terraform/once-per-stack";
import { TerraformData } from "../terraform/terraform-data";

export interface Zone {
  /** The builder's subnet, in the volume's zone. */
  readonly subnet: DataAwsSubnet;
  /** Condition and message that fail the plan if the instance type is not offered in the zone. */
  readonly offered: { condition: string; errorMessage: string };
}

export function createZone(cell: CellScope<BuilderSettings>): Zone {
  const { scope, props } = cell;
  const { instanceType } = props.instance;
  const offerings = new DataAwsEc2InstanceTypeOfferings(scope, "builder.offerings", {
    locationType: "availability-zone",
    filter: [{ name: "instance-type", values: [instanceType] }],
  });
  const subnet = createSubnet(cell, offerings);
  return {
    subnet,
    offered: {
      condition: str`contains(${offerings.locations}, ${subnet.availabilityZone})`,
      errorMessage: `Instance type ${instanceType} is not offered in zone ${subnet.availabilityZone}, where the cache volume of ${props.name}/${props.architecture} is. Take a type that is, or name a subnet in another zone, which replaces the volume.`,
    },
  };
}

function createSubnet(cell: CellScope<BuilderSettings>, offerings: DataAwsEc2InstanceTypeOfferings): DataAwsSubnet {
  const { scope, props } = cell;
  const { subnetId } = props.network;
  if (!mayBeAbsent(subnetId)) return new DataAwsSubnet(scope, "builder.subnet", { id: subnetId! });
  const chosen = chooseZone(cell, offerings);
  const fallback = str`one([for subnet in ${eachDefaultSubnet(cell).fqn} : subnet.id if subnet.availability_zone == ${chosen.output}])`;
  const id = isMaybe(subnetId) ? str`${subnetId} == null ? ${fallback} : ${subnetId}` : fallback;
  const local = new TerraformLocal(scope, "subnet_id", id);
  return new DataAwsSubnet(scope, "builder.subnet", {
    id: local.asString,
    lifecycle: {
      precondition: [
        {
          condition: str`${local.expression} != null`,
          errorMessage: `Zone ${chosen.output} of the cache volume of ${props.name}/${props.architecture} has no default subnet any more: name a subnet.`,
        },
      ],
    },
  });
}

/** Every default subnet by its id, once per stack. */
function eachDefaultSubnet({ scope }: CellScope<BuilderSettings>): DataAwsSubnet {
  return oncePerStack(scope, "default.subnet", (at) => {
    const { ids } = defaultSubnets(at);
    const subnet = new DataAwsSubnet(at, "default.subnet", { id: str`each.value` });
    subnet.addOverride("for_each", hcl`toset(${ids})`);
    return subnet;
  });
}

/** Chooses a zone once; later choices are ignored. */
function chooseZone(cell: CellScope<BuilderSettings>, offerings: DataAwsEc2InstanceTypeOfferings): TerraformData {
  const { scope, props, current } = cell;
  const { subnetId } = props.network;
  const { instanceType } = props.instance;
  const subnets = eachDefaultSubnet(cell).fqn;
  const zones = new TerraformLocal(
    scope,
    "zones",
    list`sort([for subnet in ${subnets} : subnet.availability_zone if contains(${offerings.locations}, subnet.availability_zone)])`,
  );
  const named = isMaybe(subnetId) ? hcl`${subnetId} != null || ` : hcl`${raw("")}`;
  const first = hcl`try(${zones.asList}[0], null)`;
  const zone = new TerraformData(scope, "zone", first, {
    ignoreChanges: ["input"],
    precondition: [
      {
        condition: str`${named}length(${subnets}) > 0`,
        errorMessage: `Region ${current.region} has no default VPC with default subnets, and no subnet is named for the builder of ${props.name}/${props.architecture}: name one.`,
      },
      {
        condition: str`${named}length(${subnets}) == 0 || length(${zones.asList}) > 0`,
        errorMessage: `Instance type ${instanceType} is offered in no zone of ${current.region} that has a default subnet. Take another type, or name a subnet in a zone that offers it.`,
      },
    ],
  });
  comment(zone, "Chosen once: a volume cannot move to another zone, and what is offered where may change.");
  return zone;
}
