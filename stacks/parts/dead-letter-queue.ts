/** Queue of deliveries that a service gave up on: kept as long as SQS keeps anything, encrypted by SQS, watched by alarms. */
import type { Owned } from "../../lib/config/cell";
import { SqsQueue } from "../terraform/cdktf";
import type { Scope } from "./scope";

const FOURTEEN_DAYS_SECONDS = 1_209_600;

export function createDeadLetterQueue(owner: Scope<Owned>, name: string): SqsQueue {
  return new SqsQueue(owner.scope, "dead_letters.queue", {
    name,
    messageRetentionSeconds: FOURTEEN_DAYS_SECONDS,
    sqsManagedSseEnabled: true,
    tags: owner.tags(),
  });
}
