/** Copies of the cache volume's snapshots in other regions: one DLM policy, which can snapshot volumes only and copies what it snapshot itself. */
import type { BuilderSettings } from "../../lib/config/cell";
import { cacheId, TAG } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { DlmLifecyclePolicy, Token } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { objects } from "../terraform/lists";
import { countIfAny, isEmptyList } from "../terraform/maybe";
import { createReplicationRole } from "./replication-role";

export function createReplication(cell: CellScope<BuilderSettings>): void {
  const { scope, props, tags } = cell;
  if (isEmptyList(props.copyTo)) return;
  const count = countIfAny(props.copyTo);
  const role = createReplicationRole(cell, count);
  const policy = new DlmLifecyclePolicy(scope, "replication.policy", {
    // DLM takes letters, digits, spaces, dashes and underscores only.
    description: `Copies of the Docker cache ${props.name} ${props.architecture}`,
    executionRoleArn: role,
    policyDetails: {},
    tags: tags(),
    count,
    // The configuration numbers the schedules of a stack; a module's user does so.
    ...(Token.isUnresolved(props.copyTo) && { lifecycle: { precondition: [fewEnough(cell)] } }),
  });
  policy.addOverride("policy_details", [policyDetails(cell)]);
  comment(policy, "Schedules keep their numbers: DLM forgets the snapshots of a schedule that is renamed.");
}

/** In Terraform's spelling, for a schedule and a rule may each be one of many that only the plan knows. */
function policyDetails({ props }: CellScope<BuilderSettings>): Record<string, unknown> {
  const copyTo = objects(props.copyTo);
  const age = { interval: props.copyRetentionDays, interval_unit: "DAYS" };
  const rule = {
    target: hcl`cross_region_copy_rule.value.region`,
    encrypted: true,
    cmk_arn: hcl`cross_region_copy_rule.value.kms_key_arn`,
    copy_tags: true,
    retain_rule: [age],
  };
  const schedule = {
    name: `replicate-${str`schedule.value`}`,
    copy_tags: true,
    create_rule: [{ interval: 24, interval_unit: "HOURS", times: [props.replicateAt] }],
    retain_rule: [age],
    dynamic: {
      cross_region_copy_rule: {
        for_each: hcl`[for copy in ${copyTo} : copy if copy.schedule == tonumber(schedule.value)]`,
        content: rule,
      },
    },
  };
  return {
    resource_types: ["VOLUME"],
    target_tags: { [TAG.replicate]: cacheId(props.name, props.architecture) },
    dynamic: {
      schedule: { for_each: hcl`sort(distinct([for copy in ${copyTo} : tostring(copy.schedule)]))`, content: schedule },
    },
  };
}

/** DLM's own quotas: four schedules a policy, three regions a schedule. */
function fewEnough({ props }: CellScope<BuilderSettings>): { condition: string; errorMessage: string } {
  const numbers = hcl`${props.copyTo}[*].schedule`;
  return {
    condition: str`alltrue([for number in ${numbers} : contains([1, 2, 3, 4], number) && length([for other in ${numbers} : other if other == number]) <= 3])`,
    errorMessage: `${props.name}/${props.architecture} is copied to more regions than one DLM policy serves: schedules are numbered 1 to 4, with at most three regions each.`,
  };
}
