/** A log group, made by Terraform so that no role needs the right to make one. */
import type { Logged, Owned } from "../../lib/config/cell";
import { CloudwatchLogGroup } from "../terraform/cdktf";
import type { Scope } from "./scope";

export function createLogGroup(
  { scope, props, tags }: Scope<Owned & Logged>,
  id: string,
  name: string,
  retentionInDays = props.logRetentionDays,
): CloudwatchLogGroup {
  return new CloudwatchLogGroup(scope, `${id}.log-group`, {
    name,
    retentionInDays,
    kmsKeyId: props.kmsKeyArn ?? undefined,
    tags: tags(),
  });
}
