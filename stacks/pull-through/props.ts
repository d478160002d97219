/** What pull-through is made of, in either face. */
import type { PullThroughSettings } from "../../lib/config/cell";
import type { IResolvable } from "../terraform/cdktf";

export interface PullThroughProps extends Omit<PullThroughSettings, "rules"> {
  /** Map of prefix to `upstream`, `upstream_url`, `secret_name`, `role_arn` and `upstream_prefix`, as an expression. */
  readonly rules: IResolvable;
  /** Prefixes of the rules. */
  readonly prefixes: readonly string[];
  /** Name of our topic for alarms. */
  readonly topicName: string;
  /** The user's topic instead; null: ours. */
  readonly topicArn: string | null;
  /** Who is told of alarms, by our topic, and of the budget; null: nobody but the user's topic. */
  readonly email: string | null;
}
