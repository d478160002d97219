/** Pull-through in one region. */
import { isPullThrough, type PullThroughSettings, type Region } from "../../lib/config/cell";
import { alarmTopicName } from "../../lib/contract";
import { PULL_THROUGH, pullThroughMap } from "../../lib/pull-through";
import type { StackContext } from "../faces/noun";
import { RegionStack } from "../faces/region-stack";
import { type App, type IResolvable, TerraformOutput } from "../terraform/cdktf";
import { hcl } from "../terraform/expression";
import { snakeCase } from "../terraform/lists";
import { PullThrough } from "./pull-through";

export class PullThroughStack extends RegionStack {
  constructor(app: App, id: string, { deployment }: StackContext, region: Region) {
    super(app, id, { deployment, region: region.name });
    // One in a region, so that nothing has to tell it from others.
    for (const settings of region.companions.filter(isPullThrough)) {
      const made = new PullThrough(this, "pull_through", {
        ...settings,
        rules: rulesByPrefix(settings),
        prefixes: settings.rules.map(({ prefix }) => prefix),
        topicName: alarmTopicName(deployment.project, PULL_THROUGH),
        ...region.notifications,
      });
      const values = {
        pull_through: pullThroughMap(settings.rules),
        registry_url: made.registryUrl,
        public_ecr_cache_prefix: made.publicEcrCachePrefix,
        puller_policy_arn: made.pullerPolicyArn,
        alarm_topic_arn: made.alarmTopicArn,
      };
      for (const [name, value] of Object.entries(values)) new TerraformOutput(this, `${name}.output`, { value });
    }
  }
}

/** The rules as the construct takes them, in Terraform's spelling. */
function rulesByPrefix({ rules }: PullThroughSettings): IResolvable {
  const entries = rules.map(({ prefix, ...rule }) => [
    prefix,
    Object.fromEntries(Object.entries(rule).map(([key, value]) => [snakeCase(key), value])),
  ]);
  return hcl`${Object.fromEntries(entries)}`;
}
