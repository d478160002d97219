import type { StackJson } from "../../../scripts/generate/everything";
import { REGION } from "../../../scripts/generate/everything";
import { renderRoles } from "../../../scripts/generate/roles-section";

/** A stack with one role that may tag, under a condition on the keys. */
function stack(test: string): StackJson {
  const condition = [{ test, variable: "aws:TagKeys", values: ["docker-cache:pin"] }];
  return {
    name: `docker-cache-builder-${REGION}`,
    resource: {
      aws_iam_role: { builder: { name: "builder", assume_role_policy: "" } },
      aws_iam_role_policy: { builder: { policy: "${data.aws_iam_policy_document.builder.json}" } },
    },
    data: {
      aws_iam_policy_document: {
        builder: { statement: [{ sid: "Tag", actions: ["ec2:CreateTags"], resources: ["*"], condition }] },
      },
    },
  };
}

test.each([
  ["ForAllValues:StringEquals", "no tags but `docker-cache:pin`"],
  ["ForAllValues:StringNotEquals", "none of the tags `docker-cache:pin`"],
])("a condition %s on tag keys reads: %s", (operator, words) => {
  expect(renderRoles([stack(operator)])).toContain(`| anything | ${words} |`);
});
