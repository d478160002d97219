/** Logs as JSON and metrics in CloudWatch's embedded format: no call, no permission. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { METRIC, METRIC_NAMESPACE, type RotationSettings } from "../../lib/contract";
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

/** Figures that are null are left out: a missing metric stays missing. The heartbeat beats only if what workers get is well. */
export function emitMetrics(figures: Figures, settings: RotationSettings, servesWell: boolean): void {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE });
  // The alarms name exactly two dimensions; powertools would add a third, the service.
  metrics.clearDefaultDimensions();
  metrics.addDimension("Name", settings.name);
  metrics.addDimension("Architecture", settings.architecture);
  for (const [key, value] of Object.entries(figures))
    if (value !== null) metrics.addMetric(METRIC[key as keyof Figures], MetricUnit.NoUnit, value);
  if (servesWell) metrics.addMetric(METRIC.run, MetricUnit.NoUnit, 1);
  metrics.publishStoredMetrics();
}
