/** Logs as JSON and metrics in CloudWatch's embedded format: no call, no permission. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import {
  METRIC,
  METRIC_NAMESPACE,
  REGION_DIMENSION,
  type RotationSettings,
  tellsCachesApart,
} from "../../lib/contract";
import type { Wake } from "./event";
import { formatAction } from "./format";
import type { Run } from "./reconcile";
import type { Figures } from "./types";

const logger = new Logger({ serviceName: "rotation" });

/** One line for each action with what became of it, one for the whole. */
export function logRun({ plan, applied }: Run): void {
  for (const { action, failure } of applied) {
    const facts = { action: action.kind, reason: action.reason };
    if (failure instanceof Error) logger.error(`failed: ${formatAction(action)}`, { ...facts, error: failure });
    else if (failure === "held") logger.warn(`EC2 refuses for now: ${formatAction(action)}`, facts);
    else logger.info(formatAction(action), facts);
  }
  for (const note of plan.notes) logger.warn(note);
  logger.info("reconciled", { promoted: plan.promoted, waiting: plan.waiting, figures: plan.figures });
}

export function logSkipped(wake: Wake): void {
  logger.info("the event is about somebody else's snapshot: nothing to do", { wake });
}

/**
 * Figures that are null are left out: a missing metric stays missing. The heartbeat beats only if what workers get is well. What alarms
 * look at tells the cache; the rest is one metric for the region, to which each of its functions adds samples.
 */
export function emitMetrics(figures: Figures, settings: RotationSettings, servesWell: boolean): void {
  const values = Object.entries(figures).map(([key, value]) => [METRIC[key as keyof Figures], value] as const);
  const told = [...values, [METRIC.run, servesWell ? 1 : null] as const];
  const ofCache = told.filter(([metric]) => tellsCachesApart(metric, settings.alarms));
  publish({ Name: settings.name, Architecture: settings.architecture }, ofCache);
  publish(
    { [REGION_DIMENSION.name]: REGION_DIMENSION.value },
    told.filter((one) => !ofCache.includes(one)),
  );
}

function publish(
  dimensions: Readonly<Record<string, string>>,
  told: readonly (readonly [string, number | null])[],
): void {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE });
  // The alarms name all dimensions; powertools would add one more, the service.
  metrics.clearDefaultDimensions();
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
  for (const [metric, value] of told) if (value !== null) metrics.addMetric(metric, MetricUnit.NoUnit, value);
  metrics.publishStoredMetrics();
}
