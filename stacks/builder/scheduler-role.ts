/** Permissions of EventBridge Scheduler: launch builders from their template and from nothing else, and give up into the queue. */
import type { BuilderSettings } from "../../lib/config/cell";
import { ROLES, TAG } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { ebsKeyStatements } from "../parts/key-statements";
import { type Condition, equals, onlyTagKeys, ownTags, type Statement, tagging } from "../parts/policy";
import { createRole, forSource, forThisAccount } from "../parts/role";
import type { IamRole, LaunchTemplate, SchedulerScheduleGroup, SqsQueue } from "../terraform/cdktf";
import { hcl, str } from "../terraform/expression";
import { keysOf } from "../terraform/lists";
import { builderTags } from "./launch-template";
import type { BuilderRole } from "./role";

interface Parts {
  readonly template: LaunchTemplate;
  readonly role: BuilderRole;
  readonly queue: SqsQueue;
  readonly group: SchedulerScheduleGroup;
}

export function createSchedulerRole(cell: CellScope<BuilderSettings>, parts: Parts): IamRole {
  const { props, current, names } = cell;
  return createRole(cell, {
    id: "scheduler",
    name: names.schedulerRole,
    description: `Launches builders of the Docker cache ${props.name}/${props.architecture}`,
    service: "scheduler",
    trust: [forThisAccount(cell), forSource(parts.group.arn)],
    statements: [
      ...launchStatements(cell, parts),
      imageParameterStatement(cell),
      { sid: "GiveUp", actions: ["sqs:SendMessage"], resources: [parts.queue.arn] },
      ...ebsKeyStatements(current, props.kmsKeyArn),
    ],
  });
}

function launchStatements(cell: CellScope<BuilderSettings>, { template, role }: Parts): Statement[] {
  const { props, current, tags } = cell;
  const made = ["instance/*", "network-interface/*", "volume/*"].map((resource) => current.arn("ec2", resource));
  const used = ["security-group/*", "subnet/*"].map((resource) => current.arn("ec2", resource));
  const images = ["image/*", "snapshot/*"].map((resource) => current.arn("ec2", resource, { account: null }));
  const fromTemplate: Condition[] = [
    { test: "ArnEquals", variable: "ec2:LaunchTemplate", values: [template.arn] },
    // Nothing of what the template says may be said otherwise in the request.
    { test: "Bool", variable: "ec2:IsLaunchTemplateResource", values: ["true"] },
  ];
  return [
    {
      sid: "LaunchBuilder",
      actions: ["ec2:RunInstances"],
      resources: [template.arn, ...made, ...used, ...images],
      conditions: fromTemplate,
    },
    {
      sid: "TagBuilder",
      actions: ["ec2:CreateTags"],
      resources: made,
      conditions: [
        equals("ec2:CreateAction", "RunInstances"),
        ...tagging({ ...ownTags(props), [TAG.role]: ROLES.builder }),
        ...onlyTagKeys(keysOf(tags(builderTags(cell)))),
      ],
    },
    {
      sid: "PassBuilderRole",
      actions: ["iam:PassRole"],
      resources: [role.roleArn],
      conditions: [equals("iam:PassedToService", current.principal("ec2"))],
    },
  ];
}

/** RunInstances reads the parameter that the image id names with the caller's rights. A public one's ARN has no account. */
function imageParameterStatement({ props, current }: CellScope<BuilderSettings>): Statement {
  const path = str`trimprefix(statement.value, "/")`;
  return {
    sid: "ReadImageParameter",
    actions: ["ssm:GetParameters"],
    resources: [current.arn("ssm", `parameter/${path}`), current.arn("ssm", `parameter/${path}`, { account: null })],
    forEach: hcl`flatten(regexall("^resolve:ssm:([^:]+)", ${props.instance.imageId}))`,
  };
}
