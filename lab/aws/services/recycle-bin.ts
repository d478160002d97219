/** Recycle Bin's API, which moto lacks: retention rules and their tags. What a rule does to snapshots is in ec2/recycle-bin.ts. */
import { randomBytes } from "node:crypto";
import { AwsError } from "../aws-error";
import type { Call, Handlers } from "../handler";
import type { RecycleBinRule, RecycleBinResourceTag as ResourceTag } from "../state";
import { pageOf } from "./ec2/lists";

type RuleRequest = Partial<Omit<RecycleBinRule, "Identifier" | "RuleArn" | "Status" | "LockState">>;

const IDENTIFIER_LENGTH = 11;

function createRule(input: RuleRequest, call: Call) {
  const id = randomBytes(IDENTIFIER_LENGTH).toString("base64").replace(/[+/]/g, "0").slice(0, IDENTIFIER_LENGTH);
  const rule: RecycleBinRule = {
    Identifier: id,
    RuleArn: `arn:${call.aws.partition}:rbin:${call.region}:${call.aws.accountId}:rule/${id}`,
    ResourceType: input.ResourceType ?? "",
    Description: input.Description,
    RetentionPeriod: input.RetentionPeriod ?? { RetentionPeriodValue: 1, RetentionPeriodUnit: "DAYS" },
    ResourceTags: input.ResourceTags ?? [],
    ExcludeResourceTags: input.ExcludeResourceTags ?? [],
    Status: "available",
    LockState: input.LockConfiguration ? "locked" : "unlocked",
    LockConfiguration: input.LockConfiguration,
    Tags: [...(input.Tags ?? [])],
  };
  call.state.recycleBinRules[id] = rule;
  return rule;
}

function getRule(input: { Identifier: string }, call: Call) {
  return find(call, input.Identifier);
}

function updateRule(input: RuleRequest & { Identifier: string }, call: Call) {
  const rule = find(call, input.Identifier);
  refuseLocked(rule);
  const { Identifier: _id, ResourceType: _type, Tags: _tags, ...changes } = input;
  return Object.assign(rule, changes);
}

function deleteRule(input: { Identifier: string }, call: Call) {
  refuseLocked(find(call, input.Identifier));
  delete call.state.recycleBinRules[input.Identifier];
  return {};
}

function refuseLocked(rule: RecycleBinRule): void {
  if (rule.LockState === "unlocked") return;
  const fields = { Reason: "INVALID_RULE_STATE" };
  throw new AwsError("ConflictException", `The rule ${rule.Identifier} is locked.`, 409, fields);
}

interface RulesRequest {
  readonly ResourceType: string;
  readonly ResourceTags?: readonly ResourceTag[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

function listRules(input: RulesRequest, call: Call) {
  const wanted = input.ResourceTags ?? [];
  const matching = Object.values(call.state.recycleBinRules).filter(
    (rule) =>
      rule.ResourceType === input.ResourceType &&
      (wanted.length === 0 || wanted.some((tag) => rule.ResourceTags.some((own) => sameTag(own, tag)))),
  );
  const { page, NextToken } = pageOf(matching, input, [1, 1000]);
  return { Rules: page, NextToken };
}

function sameTag(a: ResourceTag, b: ResourceTag): boolean {
  return a.ResourceTagKey === b.ResourceTagKey && a.ResourceTagValue === b.ResourceTagValue;
}

function listTags(input: { ResourceArn: string }, call: Call) {
  return { Tags: byArn(call, input.ResourceArn).Tags };
}

function tagResource(input: { ResourceArn: string; Tags: { Key: string; Value: string }[] }, call: Call) {
  const rule = byArn(call, input.ResourceArn);
  const keys = new Set(input.Tags.map(({ Key }) => Key));
  rule.Tags = [...rule.Tags.filter(({ Key }) => !keys.has(Key)), ...input.Tags];
  return {};
}

function untagResource(input: { ResourceArn: string; TagKeys: readonly string[] }, call: Call) {
  const rule = byArn(call, input.ResourceArn);
  rule.Tags = rule.Tags.filter(({ Key }) => !input.TagKeys.includes(Key));
  return {};
}

function byArn(call: Call, arn: string): RecycleBinRule {
  return find(call, arn.split("/").at(-1) ?? "");
}

function find(call: Call, id: string): RecycleBinRule {
  const rule = call.state.recycleBinRules[id];
  if (rule) return rule;
  throw new AwsError("ResourceNotFoundException", `Rule ${id} does not exist.`, 404, { Reason: "RULE_NOT_FOUND" });
}

/** The handlers of this file. */
export const recycleBinHandlers: Handlers = {
  "rbin:CreateRule": createRule,
  "rbin:GetRule": getRule,
  "rbin:UpdateRule": updateRule,
  "rbin:DeleteRule": deleteRule,
  "rbin:ListRules": listRules,
  "rbin:ListTagsForResource": listTags,
  "rbin:TagResource": tagResource,
  "rbin:UntagResource": untagResource,
};
