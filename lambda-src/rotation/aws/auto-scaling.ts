/** Auto Scaling groups through the SDK. */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  type LaunchTemplateSpecification,
  paginateDescribeAutoScalingGroups,
} from "@aws-sdk/client-auto-scaling";
import type { AutoScalingPort } from "../ports";

/** A group names a template itself, or through a mixed-instances policy and its overrides. */
function specificationsOf(group: AutoScalingGroup): LaunchTemplateSpecification[] {
  const mixed = group.MixedInstancesPolicy?.LaunchTemplate;
  const overrides = (mixed?.Overrides ?? []).map((one) => one.LaunchTemplateSpecification);
  return [group.LaunchTemplate, mixed?.LaunchTemplateSpecification, ...overrides].filter((one) => one !== undefined);
}

export function autoScalingPort(autoScaling: AutoScalingClient): AutoScalingPort {
  return {
    async listAutoScalingVersions() {
      const found = [];
      for await (const page of paginateDescribeAutoScalingGroups({ client: autoScaling, pageSize: 100 }, {}))
        for (const group of page.AutoScalingGroups ?? [])
          for (const one of specificationsOf(group))
            found.push({
              group: group.AutoScalingGroupName ?? "",
              templateId: one.LaunchTemplateId ?? "",
              version: one.Version ?? "$Default",
            });
      return found;
    },
  };
}
