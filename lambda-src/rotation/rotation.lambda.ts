/**
 * The rotation function of one cache and architecture in one region.
 *
 * Lifecycle: the reconcile schedule wakes it, and between two scheduled runs a hint of the router or an EBS snapshot
 * notification. It reads everything, plans, and applies the plan. It promotes the newest proven snapshot, writes it into launch templates, deletes what
 * is superseded, sweeps builders. Level-triggered: a lost, repeated or reordered event changes nothing but the time at which it
 * happens.
 *
 * Gotchas: it throws at the end if an action failed other than a deletion, so that Lambda retries, the Errors alarm rings and the
 * dead-letter queue shows it. The heartbeat beats as long as what workers get is well. Two runs at once do no harm. Its time-out must be at least 300 seconds: it waits up to 90 for EC2 to list what it
 * just made.
 */
import { servesWell, throwFailures } from "./apply/apply";
import { awsPorts } from "./aws/ports";
import { parseEvent } from "./event";
import type { Ports } from "./ports";
import { reconcile } from "./reconcile";
import { concernsUs } from "./relevance";
import { parseSettings } from "./settings";
import { emitMetrics, logRun, logSkipped } from "./telemetry";

/** Result of the function; only people and the lab read it. */
export interface Result {
  readonly skipped: boolean;
  readonly promoted: string | null;
  readonly actions: readonly string[];
}

/** A handler over the ports that the factory gives, made once for each environment of the function. */
export function createHandler(createPorts: () => Ports, environment: Readonly<Record<string, string | undefined>>) {
  const settings = parseSettings(environment);
  const ports = createPorts();
  return async (event: unknown): Promise<Result> => {
    const wake = parseEvent(event);
    if (!(await concernsUs(wake, ports, settings))) {
      logSkipped(wake);
      return { skipped: true, promoted: null, actions: [] };
    }
    const run = await reconcile(ports, settings);
    logRun(run);
    emitMetrics(run.plan.figures, settings, servesWell(run.applied));
    throwFailures(run.applied);
    return { skipped: false, promoted: run.plan.promoted, actions: run.applied.map(({ action }) => action.kind) };
  };
}

let warm: ReturnType<typeof createHandler> | undefined;

/** Entry point that Lambda calls. A mistake in the settings fails the invocation, not the import, so that it is logged and alarmed. */
export async function handler(event: unknown): Promise<Result> {
  warm ??= createHandler(() => awsPorts(process.env.AWS_REGION ?? ""), process.env);
  return warm(event);
}
