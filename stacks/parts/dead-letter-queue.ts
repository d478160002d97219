/** What a service gave up on delivering: kept as long as SQS keeps anything, encrypted by SQS, watched by alarms. */
import type { Common } from "../../lib/config/cell";
import { SqsQueue } from "../terraform/cdktf";
import type { CellScope } from "./cell-scope";

const FOURTEEN_DAYS_SECONDS = 1_209_600;

export function createDeadLetterQueue(cell: CellScope<Common>, name: string): SqsQueue {
  return new SqsQueue(cell.scope, "dead_letters.queue", {
    name,
    messageRetentionSeconds: FOURTEEN_DAYS_SECONDS,
    sqsManagedSseEnabled: true,
    tags: cell.tags(),
  });
}
