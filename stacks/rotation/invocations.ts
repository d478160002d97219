/**
 * What Lambda does with invocations of the rotation function that cannot run at once, or fail. Scheduled runs and hints share its
 * concurrency and nothing else: docs/decisions/0013-one-router-a-region.md.
 */
import { HINT_ALIAS, HINT_SECONDS } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { LambdaAlias, type LambdaFunction, LambdaFunctionEventInvokeConfig, type SqsQueue } from "../terraform/cdktf";
import { times } from "../terraform/lists";
import { attributeOf, countIfOneOf, mayBeOneOf } from "../terraform/maybe";
import type { SnapshotRotationProps } from "./props";

/** A run that failed is tried again after one minute and after two more. */
const SCHEDULED_RETRIES = 2;

/**
 * @param deadLetters Queue of scheduled runs that were given up.
 * @returns the alias that takes hints, or undefined if nothing wakes the function between its scheduled runs
 */
export function createInvocations(
  cell: CellScope<SnapshotRotationProps>,
  rotation: LambdaFunction,
  deadLetters: SqsQueue,
): LambdaAlias | undefined {
  const { scope, props } = cell;
  new LambdaFunctionEventInvokeConfig(scope, "scheduled.invoke-config", {
    functionName: rotation.functionName,
    // A run that has waited for a period is the next one's.
    maximumEventAgeInSeconds: times(props.reconcileMinutes, 60),
    maximumRetryAttempts: SCHEDULED_RETRIES,
    // Not the function's own dead-letter queue, which would get the hints too.
    destinationConfig: { onFailure: { destination: deadLetters.arn } },
  });
  return mayBeOneOf(props.wake, ["rule", "router"]) ? createHints(cell, rotation) : undefined;
}

function createHints({ scope, props }: CellScope<SnapshotRotationProps>, rotation: LambdaFunction): LambdaAlias {
  const count = countIfOneOf(props.wake, ["rule", "router"]);
  const { functionName } = rotation;
  const alias = new LambdaAlias(scope, "hints.alias", {
    name: HINT_ALIAS,
    description: "Wakes the function between its scheduled runs",
    functionName,
    functionVersion: "$LATEST",
    count,
  });
  new LambdaFunctionEventInvokeConfig(scope, "hints.invoke-config", {
    functionName,
    qualifier: attributeOf(alias, "name"),
    maximumEventAgeInSeconds: HINT_SECONDS,
    maximumRetryAttempts: 0,
    count,
  });
  return alias;
}
