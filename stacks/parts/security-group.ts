/** Our security group, which admits nothing, or the user's. */
import type { Common, Network } from "../../lib/config/cell";
import { SecurityGroup } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, list } from "../terraform/expression";
import { countIfNone, countIfWanted, mayBeEmpty } from "../terraform/maybe";
import { TerraformData } from "../terraform/terraform-data";
import type { CellScope } from "./cell-scope";
import type { Switches } from "./switches";

/** Ids of the security groups, and ours if it is made. */
export interface SecurityGroups {
  readonly ids: string[];
  readonly own: SecurityGroup | undefined;
}

type Placed = Switches & { readonly network: Network };

/** The `count` of our group, and of what is looked up for it. */
export function countOfGroup({ createSecurityGroup: wanted, network }: Placed): number | undefined {
  return countIfWanted(wanted, countIfNone(network.securityGroupIds));
}

export function createSecurityGroup(
  cell: CellScope<Common & Placed>,
  id: string,
  name: string,
  vpcId: string,
): SecurityGroups {
  const { scope, props, tags } = cell;
  const given = props.network.securityGroupIds;
  if (!mayBeEmpty(given)) return { ids: [...given], own: undefined };
  const count = countOfGroup(props);
  const place = new TerraformData(scope, "security_group_place", props.network.subnetId ?? hcl`null`);
  comment(place, "A group stays in its VPC; the subnet that is named tells of another one, and of an unknown one too.");
  const own = new SecurityGroup(scope, `${id}.security-group`, {
    // Not a fixed name: the new group is there before the former one goes, perhaps in the same VPC.
    namePrefix: `${name}-`,
    description: `Docker cache ${props.name}/${props.architecture}: ${id}, admits nothing`,
    vpcId,
    egress: [
      {
        description: "Registries, AWS and whatever else the jobs need",
        fromPort: 0,
        toPort: 0,
        protocol: "-1",
        cidrBlocks: ["0.0.0.0/0"],
        ipv6CidrBlocks: ["::/0"],
      },
    ],
    tags: tags(),
    count,
    // A group moves to another VPC only by a new one, which the template must name before the old one can go.
    lifecycle: {
      createBeforeDestroy: true,
      ignoreChanges: ["name", "name_prefix", "vpc_id"],
      replaceTriggeredBy: [place.address, cell.identity.address],
    },
  });
  return { ids: count === undefined ? [own.id] : list`length(${given}) > 0 ? ${given} : ${own.fqn}[*].id`, own };
}
