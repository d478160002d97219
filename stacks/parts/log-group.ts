/** A log group, made by Terraform so that no role needs the right to make one. */
import type { Common } from "../../lib/config/cell";
import { CloudwatchLogGroup } from "../terraform/cdktf";
import type { CellScope } from "./cell-scope";

export function createLogGroup(
  { scope, props, tags }: CellScope<Common>,
  id: string,
  name: string,
): CloudwatchLogGroup {
  return new CloudwatchLogGroup(scope, `${id}.log-group`, {
    name,
    retentionInDays: props.logRetentionDays,
    kmsKeyId: props.kmsKeyArn ?? undefined,
    tags: tags(),
  });
}
