/** Calls that decide what workers run, by the rows of the table in docs/security.md. */
import { HINT_ALIAS, pullThroughNames, ROLES, resourceNames, routerNames, TAG } from "../../../lib/contract";
import type { Call, Context } from "./iam";

export const names = resourceNames("ci", "x86_64", "eu-west-1");
export const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
export const ec2 = (resource: string) => `arn:aws:ec2:eu-west-1:123456789012:${resource}`;
export const of = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;

export const call = (action: string, resource: string, context: Context = {}): Call => ({ action, resource, context });

const bearing = (key: string, value: string) => ({ [`aws:ResourceTag/${key}`]: value });
export const ours = bearing(TAG.name, "ci");
export const volume = bearing(TAG.role, ROLES.cacheVolume);
const builder = bearing(TAG.role, ROLES.builder);
export const keys = (...tagKeys: string[]) => ({ "aws:TagKeys": tagKeys });
export const snapshot = "arn:aws:ec2:eu-west-1::snapshot/snap-1";
export const template = ec2("launch-template/lt-1");
const lambda = of("lambda", `function:${names.rotation}`);
export const router = routerNames("docker-cache", "eu-west-1");
export const pullThrough = pullThroughNames("eu-west-1");
const routing = { "lambda:FunctionArn": of("lambda", `function:${router.router}`) };
const rule = of("events", `rule/${names.rotation}-snapshots`);
const schedule = of("scheduler", `schedule/${names.builder}/daily`);
const group = of("scheduler", `schedule-group/${names.builder}`);
const lifecycle = of("dlm", "policy/policy-1");
const parameter = (name: string) => of("ssm", `parameter/docker-cache/ci/x86_64/${name}`);
export const repository = of("ecr", "repository/x");
/** Tags that ECR gives a repository of its pull-through cache. */
export const asPullThrough = {
  ...keys(TAG.companion, TAG.name),
  [`aws:RequestTag/${TAG.companion}`]: "pull-through",
};
const on = (resource: string, actions: readonly string[], context: Context = {}) =>
  actions.map((action) => call(action, resource, context));

/** What a row's text says that one does, by the row's first cell. */
export const ROWS: Readonly<Record<string, readonly Call[]>> = {
  "the image list": [call("ssm:PutParameter", parameter("images/000"))],
  "the cache volume": [
    ...on(ec2("volume/vol-1"), ["ec2:AttachVolume", "ec2:DetachVolume", "ec2:ModifyVolume"], volume),
    ...on(ec2("volume/vol-1"), ["ec2:DeleteVolume", "ec2:DeleteTags"], volume),
  ],
  "the builder's launch template or role": [
    ...on(template, ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], ours),
    ...on(template, ["ec2:DeleteLaunchTemplate", "ec2:DeleteLaunchTemplateVersions"], ours),
    ...on(roleArn(names.builderRole), ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy"]),
    ...on(roleArn(names.builderRole), ["iam:DeleteRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy"]),
  ],
  "running the builder's template": [call("iam:PassRole", roleArn(names.builderRole))],
  "a builder that runs": [
    ...on(ec2("instance/i-1"), ["ec2:ModifyInstanceAttribute", "ec2:CreateReplaceRootVolumeTask"], builder),
    ...on(ec2("instance/i-1"), ["ssm:SendCommand", "ssm:StartSession", "ec2:DeleteTags"], builder),
    call("ec2:CreateTags", ec2("instance/i-1"), { ...ours, ...builder, ...keys(TAG.role) }),
  ],
  "our other roles": [
    ...[names.rotationRole, names.schedulerRole, names.dlmRole, router.routerRole, pullThrough.role],
  ].map((name) => call("iam:PassRole", roleArn(name))),
  "the schedule": [
    ...on(schedule, ["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"]),
    ...on(group, ["scheduler:CreateScheduleGroup", "scheduler:DeleteScheduleGroup"]),
  ],
  "the pointer": on(parameter("snapshot-id"), ["ssm:PutParameter", "ssm:DeleteParameter", "ssm:DeleteParameters"]),
  "tags, and the parameter `volume-id`": [
    call("ssm:PutParameter", parameter("volume-id")),
    call("ec2:CreateTags", snapshot, keys(TAG.state)),
    call("ec2:CreateTags", template, keys(TAG.consume)),
    call("ec2:CreateTags", ec2("volume/vol-2"), {
      [`aws:RequestTag/${TAG.role}`]: ROLES.cacheVolume,
      ...keys(TAG.role),
    }),
    // Without the tags that say whose it is, no other statement would know it.
    call("ec2:CreateTags", ec2("volume/vol-1"), { ...ours, ...volume, ...keys(TAG.role) }),
    call("ec2:CreateTags", template, { ...ours, ...keys(TAG.name) }),
    call("ec2:CreateTags", snapshot, { ...ours, ...keys(TAG.architecture) }),
    call("ec2:DeleteTags", ec2("volume/vol-2"), keys(TAG.state)),
    call("ec2:DeleteTags", snapshot, { ...ours, ...keys(TAG.name) }),
    // A call that names no key takes off all.
    call("ec2:DeleteTags", template, ours),
    call("ec2:DeleteTags", template, bearing(TAG.consume, "ci/x86_64")),
    call("ecr:TagResource", repository, keys(TAG.companion)),
    call("ecr:TagResource", repository, { ...asPullThrough, [`aws:RequestTag/${TAG.companion}`]: "ci-images" }),
    call("ecr:TagResource", repository, { ...asPullThrough, ...bearing(TAG.companion, "ci-images") }),
    call("ecr:UntagResource", repository, keys(TAG.companion)),
  ],
  "the worker's launch template, or the consumer's own that is opted in": [
    ours,
    bearing(TAG.consume, "ci/x86_64"),
  ].flatMap((tags) => [
    ...on(template, ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], tags),
    ...on(template, ["ec2:DeleteLaunchTemplate", "ec2:DeleteLaunchTemplateVersions"], tags),
  ]),
  "the function": on(lambda, [
    ...[
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
      "lambda:AddPermission",
      "lambda:CreateFunction",
    ],
  ]),
  "stopping the function: workers keep what is served": [
    ...on(lambda, ["lambda:PutFunctionConcurrency", "lambda:DeleteFunction", "lambda:RemovePermission"]),
    call("lambda:DeleteFunctionConcurrency", lambda),
    ...on(`${lambda}:${HINT_ALIAS}`, ["lambda:UpdateAlias", "lambda:DeleteAlias"]),
    ...on(`${lambda}:${HINT_ALIAS}`, [
      "lambda:PutFunctionEventInvokeConfig",
      "lambda:UpdateFunctionEventInvokeConfig",
      "lambda:DeleteFunctionEventInvokeConfig",
    ]),
    ...on(
      of("lambda", "event-source-mapping:1"),
      ["lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping"],
      routing,
    ),
    ...on(rule, [
      "events:DisableRule",
      "events:PutTargets",
      "events:RemoveTargets",
      "events:PutRule",
      "events:DeleteRule",
    ]),
  ],
  "a snapshot of the cache volume with our tags, in the middle of a build": [
    ...on(ec2("volume/vol-1"), ["ec2:CreateSnapshot", "ec2:CreateSnapshots"], volume),
    call("ec2:ModifySnapshotAttribute", snapshot, ours),
    call("ec2:DeleteSnapshot", snapshot, ours),
  ],
  "in an account with a region that copies: any DLM policy in the account, over a volume of theirs with our tags": [
    call("iam:PassRole", roleArn(names.dlmRole)),
    // A role of theirs, in DLM's hands, is not one of ours.
    call("ec2:CreateTags", snapshot, keys(TAG.state, TAG.content)),
  ],
  "our DLM policy": on(
    lifecycle,
    ["dlm:UpdateLifecyclePolicy", "dlm:DeleteLifecyclePolicy", "dlm:UntagResource"],
    ours,
  ),
};

/** Rows that something else holds back. */
export const HELD_OTHERWISE = [
  "pushing to the registries that the image list names",
  "pushing to a repository of CI images that `images_from` names",
  "deploying",
  "the rules of ECR's pull-through cache, or their secrets",
  "the builder's subnet",
];
