/** DLM's policies, as far as the emulation reads them; names and bounds are the API's. */

/** A tag as DLM's schedules write it. */
export interface DlmTag {
  readonly Key: string;
  readonly Value: string;
}

/** Age or number of snapshots to keep. */
export interface DlmRetainRule {
  readonly Count?: number;
  readonly Interval?: number;
  readonly IntervalUnit?: "DAYS" | "WEEKS" | "MONTHS" | "YEARS";
}

/** A copy to another region. */
export interface DlmCopyRule {
  readonly Target?: string;
  readonly TargetRegion?: string;
  readonly Encrypted: boolean;
  readonly CmkArn?: string;
  readonly CopyTags?: boolean;
  readonly RetainRule?: DlmRetainRule;
}

/** Times of a schedule: every Interval hours from the first of Times (UTC), or by a cron expression. */
export interface DlmCreateRule {
  readonly Interval?: number;
  readonly IntervalUnit?: "HOURS";
  readonly Times?: readonly string[];
  readonly CronExpression?: string;
}

/** One schedule of a policy. */
export interface DlmSchedule {
  readonly Name: string;
  readonly CopyTags?: boolean;
  readonly TagsToAdd?: readonly DlmTag[];
  readonly CreateRule?: DlmCreateRule;
  readonly RetainRule?: DlmRetainRule;
  readonly CrossRegionCopyRules?: readonly DlmCopyRule[];
}

/** Details of a policy. */
export interface DlmPolicyDetails {
  readonly PolicyType?: string;
  readonly ResourceTypes?: readonly string[];
  readonly TargetTags?: readonly DlmTag[];
  readonly Schedules?: readonly DlmSchedule[];
}

/** A policy as GetLifecyclePolicy shows it. */
export interface DlmPolicy {
  readonly PolicyId: string;
  readonly PolicyArn: string;
  readonly DateCreated: Date;
  readonly DefaultPolicy: boolean;
  DateModified: Date;
  Description: string;
  State: "ENABLED" | "DISABLED" | "ERROR";
  StatusMessage: string;
  ExecutionRoleArn: string;
  PolicyDetails: DlmPolicyDetails;
  Tags: Record<string, string>;
}
