/** The workers' role: no right on EC2, for the cache volume is mapped before they boot. */
import type { WorkerSettings } from "../../lib/config/cell";
import { WORKER_METRIC_NAMESPACE } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { keepName } from "../parts/keep-name";
import { equals } from "../parts/policy";
import { createRole } from "../parts/role";
import { IamInstanceProfile, IamRolePolicyAttachment } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { attributeOf, countIfAbsent, isEmptyList, isMaybe, mayBeAbsent } from "../terraform/maybe";

export interface WorkerRole {
  readonly instanceProfileName: string;
  /** These are null if the instance profile is the user's. */
  readonly instanceProfileArn: string;
  readonly roleName: string;
  readonly roleArn: string;
}

export function createWorkerRole(cell: CellScope<WorkerSettings>): WorkerRole {
  const { scope, props, names, tags } = cell;
  const given = props.instanceProfileName;
  if (!mayBeAbsent(given)) {
    const none = str`null`;
    return { instanceProfileName: given!, instanceProfileArn: none, roleName: none, roleArn: none };
  }
  const count = countIfAbsent(given);
  const role = createRole(cell, {
    id: "worker",
    name: names.workerRole,
    description: `Workers with the Docker cache ${props.name}/${props.architecture}`,
    service: "ec2",
    trust: [],
    statements: [
      {
        sid: "TellWhatBecameOfTheCache",
        actions: ["cloudwatch:PutMetricData"],
        resources: ["*"],
        conditions: [equals("cloudwatch:namespace", WORKER_METRIC_NAMESPACE)],
      },
    ],
    count,
  });
  const roleName = attributeOf(role, "name");
  const profile = new IamInstanceProfile(scope, "worker.profile", {
    name: names.workerRole,
    path: props.rolePath,
    role: attributeOf(role, "id"),
    tags: tags(),
    count,
    lifecycle: keepName(cell.identity),
  });
  attachPolicies(cell, attributeOf(role, "id"));
  const own = attributeOf(profile, "name");
  return {
    instanceProfileName: isMaybe(given) ? str`${given} == null ? ${own} : ${given}` : own,
    instanceProfileArn: attributeOf(profile, "arn"),
    roleName,
    roleArn: attributeOf(role, "arn"),
  };
}

/** The user's policies on our role. */
function attachPolicies({ scope, props }: CellScope<WorkerSettings>, roleId: string): void {
  if (isEmptyList(props.policyArns)) return;
  const attachment = new IamRolePolicyAttachment(scope, "worker.attachment", {
    role: roleId,
    policyArn: str`each.value`,
  });
  const wanted = isMaybe(props.instanceProfileName)
    ? hcl`${props.instanceProfileName} == null ? ${props.policyArns} : []`
    : hcl`${props.policyArns}`;
  attachment.addOverride("for_each", hcl`{ for index, arn in ${wanted} : tostring(index) => arn }`);
  comment(attachment, "By their place in the list: an ARN may be unknown while planning.", "for_each");
}
