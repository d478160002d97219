/** The workers' role: no right on EC2, for the cache volume is mapped before they boot. */
import type { WorkerSettings } from "../../lib/config/cell";
import { WORKER_METRIC_NAMESPACE } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { keepName } from "../parts/keep-name";
import { equals } from "../parts/policy";
import { pullThroughStatements } from "../parts/pull-through";
import { createRoleAndPolicy } from "../parts/role";
import type { Switches } from "../parts/switches";
import { IamInstanceProfile, type IamRole, IamRolePolicyAttachment, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import {
  attributeOf,
  countIfAbsent,
  countIfWanted,
  isEmptyList,
  isMaybe,
  mayBeAbsent,
  orElse,
} from "../terraform/maybe";

export interface WorkerRole {
  /** null if there is none, neither ours nor the user's. */
  readonly instanceProfileName: string;
  /** These are null if the role is not ours. */
  readonly instanceProfileArn: string;
  readonly roleName: string;
  readonly roleArn: string;
  /** JSON of what the role may do; undefined if there is surely none of ours. */
  readonly policyJson: string | undefined;
}

export function createWorkerRole(cell: CellScope<WorkerSettings & Switches>): WorkerRole {
  const { scope, props, names, tags } = cell;
  const given = props.instanceProfileName;
  if (!mayBeAbsent(given)) {
    const none = str`null`;
    return {
      instanceProfileName: given!,
      instanceProfileArn: none,
      roleName: none,
      roleArn: none,
      policyJson: undefined,
    };
  }
  const count = countIfWanted(props.createRole, countIfAbsent(given));
  const { role, policyJson } = createRoleAndPolicy(cell, {
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
      ...pullThroughStatements(cell.current, props.pullThrough, props.tags),
    ],
    count,
  });
  // The same text as the name, and unknown while the role is replaced: what the user attaches to it follows.
  const roleName = attributeOf(role, "id");
  const profile = new IamInstanceProfile(scope, "worker.profile", {
    name: names.workerRole,
    path: props.rolePath,
    role: attributeOf(role, "id"),
    tags: tags(),
    count,
    lifecycle: keepName(cell.identity),
  });
  attachPolicies(cell, role);
  const own = attributeOf(profile, "name");
  return {
    instanceProfileName: isMaybe(given)
      ? new TerraformLocal(scope, "instance_profile_name", orElse(given, own)).asString
      : own,
    instanceProfileArn: attributeOf(profile, "arn"),
    roleName,
    roleArn: attributeOf(role, "arn"),
    policyJson,
  };
}

/** The user's policies on our role, if it is made. */
function attachPolicies({ scope, props }: CellScope<WorkerSettings>, role: IamRole): void {
  if (isEmptyList(props.policyArns)) return;
  const attachment = new IamRolePolicyAttachment(scope, "worker.attachment", {
    role: attributeOf(role, "id"),
    policyArn: str`each.value`,
  });
  const wanted = role.count === undefined ? props.policyArns : hcl`length(${role.fqn}) > 0 ? ${props.policyArns} : []`;
  attachment.addOverride("for_each", hcl`{ for index, arn in ${wanted} : tostring(index) => arn }`);
  comment(attachment, "By their place in the list: an ARN may be unknown while planning.", "for_each");
}
