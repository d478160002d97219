/**
 * The router of a region. EventBridge cannot filter events by tag, so every snapshot's event comes here, in batches out of a queue, and
 * goes on as a hint to the functions that its tags name. Somebody else's snapshot costs a share of one call.
 *
 * Everything here may be lost: the functions run by their schedule anyway. A batch that fails comes back with the queue, and may bring
 * hints twice.
 *
 * Gotcha: it remembers in its environment whom it has hinted. Two environments, the most that the queue starts, give two hints a minute.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { awsPorts, createClients } from "./aws";
import type { RouterPorts } from "./ports";
import { functionsOf, portions, snapshotsIn } from "./route";

/** A function that was hinted less than this ago is left alone: the run of that hint, or the next scheduled one, reads everything. */
const QUIET_MILLISECONDS = 60_000;
/** Values that one filter of EC2 takes. */
const FILTER_VALUES = 200;

const logger = new Logger({ serviceName: "router" });

/** Result of the function; only people and the lab read it. */
export interface Result {
  /** Snapshots that the batch was about. */
  readonly snapshots: number;
  /** Names of the functions that were hinted. */
  readonly hinted: readonly string[];
}

/** A handler over the ports, with a memory of its own. */
export function createHandler(ports: RouterPorts) {
  const hintedAt = new Map<string, number>();

  function isQuiet(functionName: string): boolean {
    return ports.now() - (hintedAt.get(functionName) ?? Number.NEGATIVE_INFINITY) < QUIET_MILLISECONDS;
  }

  async function tell([functionName, hint]: readonly [string, readonly string[]]): Promise<string[]> {
    const isThere = await ports.hint(functionName, { hint });
    hintedAt.set(functionName, ports.now());
    return isThere ? [functionName] : [];
  }

  return async (batch: unknown): Promise<Result> => {
    for (const name of [...hintedAt.keys()]) if (!isQuiet(name)) hintedAt.delete(name);
    const ids = snapshotsIn(batch);
    const marked = await Promise.all(portions(ids, FILTER_VALUES).map((some) => ports.listMarked(some)));
    const due = [...functionsOf(marked.flat())].filter(([name]) => !isQuiet(name));
    const told = await Promise.allSettled(due.map(tell));
    const hinted = told.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    logger.info("routed", { snapshots: ids.length, hinted });
    const failed = told.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    return { snapshots: ids.length, hinted };
  };
}

let warm: ReturnType<typeof createHandler> | undefined;

/** Entry point that Lambda calls. */
export async function handler(batch: unknown): Promise<Result> {
  warm ??= createHandler(awsPorts(createClients(process.env.AWS_REGION)));
  return warm(batch);
}
