/** Data Lifecycle Manager's API, which moto lacks: policies and their tags. What policies do is in run.ts. */
import { randomBytes } from "node:crypto";
import { AwsError } from "../../aws-error";
import type { DlmPolicy, DlmPolicyDetails, DlmTag } from "../../dlm-policy";
import type { Call, Handlers } from "../../handler";

interface PolicyRequest {
  readonly Description?: string;
  readonly ExecutionRoleArn?: string;
  readonly State?: "ENABLED" | "DISABLED";
  readonly PolicyDetails?: DlmPolicyDetails;
  readonly Tags?: Record<string, string>;
}

function createLifecyclePolicy(input: PolicyRequest, call: Call) {
  const id = `policy-0${randomBytes(8).toString("hex")}`;
  const now = call.aws.now();
  call.state.dlmPolicies[id] = {
    PolicyId: id,
    PolicyArn: `arn:${call.aws.partition}:dlm:${call.region}:${call.aws.accountId}:policy/${id}`,
    DateCreated: now,
    DateModified: now,
    DefaultPolicy: false,
    Description: input.Description ?? "",
    State: input.State ?? "ENABLED",
    StatusMessage: input.State ?? "ENABLED",
    ExecutionRoleArn: input.ExecutionRoleArn ?? "",
    PolicyDetails: withDefaults(input.PolicyDetails ?? {}),
    Tags: { ...input.Tags },
  };
  return { PolicyId: id };
}

/** Adds the service's defaults to a request. */
function withDefaults(details: DlmPolicyDetails): DlmPolicyDetails {
  return { PolicyType: "EBS_SNAPSHOT_MANAGEMENT", ...details };
}

function updateLifecyclePolicy(input: PolicyRequest & { PolicyId: string }, call: Call) {
  const policy = find(call, input.PolicyId);
  const { PolicyId: _id, PolicyDetails: details, Tags: _tags, ...changes } = input;
  Object.assign(policy, changes, { DateModified: call.aws.now() });
  policy.StatusMessage = policy.State;
  if (details) policy.PolicyDetails = withDefaults(details);
  return {};
}

function deleteLifecyclePolicy(input: { PolicyId: string }, call: Call) {
  delete call.state.dlmPolicies[find(call, input.PolicyId).PolicyId];
  return {};
}

function getLifecyclePolicy(input: { PolicyId: string }, call: Call) {
  return { Policy: find(call, input.PolicyId) };
}

interface PoliciesRequest {
  readonly PolicyIds?: readonly string[];
  readonly State?: string;
  readonly ResourceTypes?: readonly string[];
  /** Each `key=value`. */
  readonly TargetTags?: readonly string[];
  readonly TagsToAdd?: readonly string[];
}

function getLifecyclePolicies(input: PoliciesRequest, call: Call) {
  const chosen = input.PolicyIds?.length
    ? input.PolicyIds.map((id) => find(call, id))
    : Object.values(call.state.dlmPolicies);
  const matching = chosen.filter((policy) => {
    const { ResourceTypes = [], TargetTags = [], Schedules = [] } = policy.PolicyDetails;
    const added = Schedules.flatMap((schedule) => schedule.TagsToAdd ?? []);
    return (
      (!input.State || input.State === policy.State) &&
      (!input.ResourceTypes?.length || input.ResourceTypes.some((type) => ResourceTypes.includes(type))) &&
      (!input.TargetTags?.length || bearsAny(TargetTags, input.TargetTags)) &&
      (!input.TagsToAdd?.length || bearsAny(added, input.TagsToAdd))
    );
  });
  return {
    Policies: matching.map((policy) => ({ ...policy, PolicyType: policy.PolicyDetails.PolicyType })),
  };
}

function bearsAny(tags: readonly DlmTag[], wanted: readonly string[]): boolean {
  return tags.some(({ Key, Value }) => wanted.includes(`${Key}=${Value}`));
}

function listTags(input: { ResourceArn: string }, call: Call) {
  return { Tags: byArn(call, input.ResourceArn).Tags };
}

function tagResource(input: { ResourceArn: string; Tags: Record<string, string> }, call: Call) {
  Object.assign(byArn(call, input.ResourceArn).Tags, input.Tags);
  return {};
}

function untagResource(input: { ResourceArn: string; TagKeys: readonly string[] }, call: Call) {
  const policy = byArn(call, input.ResourceArn);
  for (const key of input.TagKeys) delete policy.Tags[key];
  return {};
}

function byArn(call: Call, arn: string): DlmPolicy {
  return find(call, arn.split("/").at(-1) ?? "");
}

function find(call: Call, id: string): DlmPolicy {
  const policy = call.state.dlmPolicies[id];
  if (policy) return policy;
  const fields = { Code: "POLICY_NOT_FOUND", ResourceType: "Policy", ResourceIds: [id] };
  throw new AwsError("ResourceNotFoundException", `Policy ${id} not found`, 404, fields);
}

/** The handlers of this file. */
export const dlmHandlers: Handlers = {
  "dlm:CreateLifecyclePolicy": createLifecyclePolicy,
  "dlm:UpdateLifecyclePolicy": updateLifecyclePolicy,
  "dlm:DeleteLifecyclePolicy": deleteLifecyclePolicy,
  "dlm:GetLifecyclePolicy": getLifecyclePolicy,
  "dlm:GetLifecyclePolicies": getLifecyclePolicies,
  "dlm:ListTagsForResource": listTags,
  "dlm:TagResource": tagResource,
  "dlm:UntagResource": untagResource,
};
