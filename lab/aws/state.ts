/** What the front remembers beside moto: one plain object per region, for handlers to write and tests to read. */
import type { DlmPolicy } from "./dlm-types";
import type { LaunchTemplateRecord } from "./ec2-launch-template-versions";

/** The front's memory of one region; each record by the resource's id. */
export interface RegionState {
  readonly launchTemplates: Record<string, LaunchTemplateRecord>;
  readonly dlmPolicies: Record<string, DlmPolicy>;
}

/** An empty region. */
export function emptyRegion(): RegionState {
  return { launchTemplates: {}, dlmPolicies: {} };
}
