/** What ECR's own repositories are like: their tags, life cycle and key, and the role by which ECR gives them these. */
import { TAG } from "../../lib/contract";
import { whereGiven } from "../parts/policy";
import { createRoleAndPolicy, forThisAccount } from "../parts/role";
import { EcrRepositoryCreationTemplate } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { str } from "../terraform/expression";
import { isAbsent, isMaybe, isNull, optionalBlock } from "../terraform/maybe";
import type { PullThroughScope } from "./scope";

export function createTemplates(whole: PullThroughScope): EcrRepositoryCreationTemplate {
  const { scope, props, rules, tags } = whole;
  const { role, policy } = createRepositoryRole(whole);
  const templates = new EcrRepositoryCreationTemplate(scope, "upstreams.template", {
    prefix: str`each.key`,
    description: `Images of ${str`each.value.upstream`}, pulled through`,
    appliedFor: ["PULL_THROUGH_CACHE"],
    imageTagMutability: "MUTABLE",
    customRoleArn: role.arn,
    lifecyclePolicy: lifecycle(props.expireAfterDays),
    resourceTags: tags({ [TAG.name]: str`each.key` }),
    dependsOn: policy && [policy],
  });
  templates.addOverride("for_each", rules.expression);
  comment(templates, "An immutable tag would never be refreshed.", "image_tag_mutability");
  optionalBlock(templates, "encryption_configuration", props.kmsKeyArn, (key) => ({
    encryption_type: "KMS",
    kms_key: key,
  }));
  return templates;
}

/** Tags and keys take a role of ours (Amazon ECR User Guide, "Create a custom policy for repository creation templates"). */
function createRepositoryRole(whole: PullThroughScope) {
  const { props, names, repositories } = whole;
  return createRoleAndPolicy(whole, {
    id: "repositories",
    name: names.role,
    description: "ECR makes repositories for what is pulled through it",
    service: "ecr",
    trust: [forThisAccount(whole)],
    statements: [
      {
        sid: "MakeRepositories",
        actions: ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"],
        resources: repositories,
      },
      ...whereGiven(props.kmsKeyArn, (key) => [
        { sid: "UseKey", actions: ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"], resources: [key] },
      ]),
    ],
  });
}

/** ECR can count from the push, not from the last pull (aws/containers-roadmap#2728). */
function lifecycle(days: number | null): string | undefined {
  if (isAbsent(days)) return undefined;
  const rule = {
    rulePriority: 1,
    description: "What was pulled through is pulled anew when it is asked for",
    selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: days },
    action: { type: "expire" },
  };
  const policy = str`jsonencode(${{ rules: [rule] }})`;
  return isMaybe(days) ? str`${isNull(days)} ? null : ${policy}` : policy;
}
