/** One dashboard for a stack or module: what each cache looks like, at a glance. */
import { METRIC, METRIC_NAMESPACE } from "../../lib/contract";
import { CloudwatchDashboard, type Construct } from "../shared/cdktf";
import { currentOf } from "../shared/current";
import { str } from "../shared/expression";

export interface DashboardCell {
  readonly name: string;
  readonly architecture: string;
}

/** Metrics of ours, one widget each: title, metrics, statistic. */
const WIDGETS = [
  { title: "age of the promoted snapshot, hours", metrics: [METRIC.promotedAgeHours], stat: "Maximum" },
  {
    title: "snapshots",
    metrics: [METRIC.snapshots, METRIC.healthySnapshots, METRIC.overdueDeletions],
    stat: "Maximum",
  },
  { title: "runs, failed builds", metrics: [METRIC.run, METRIC.failedBuilds], stat: "Sum" },
  {
    title: "trouble",
    metrics: [METRIC.withdrawn, METRIC.foreign, METRIC.unprovenCopies, METRIC.orphans],
    stat: "Maximum",
  },
] as const;
const WIDTH = 6;
const HEIGHT = 6;

/** @param name Dashboards are global: the name tells the region. */
export function createDashboard(scope: Construct, name: string, cells: readonly DashboardCell[]): void {
  const { region } = currentOf(scope);
  const widgets = cells.flatMap((cell, row) =>
    WIDGETS.map(({ title, metrics, stat }, column) => ({
      type: "metric",
      x: column * WIDTH,
      y: row * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
      properties: {
        title: `${cell.name}/${cell.architecture}: ${title}`,
        region,
        stat,
        period: 3600,
        metrics: metrics.map((metric) => [
          METRIC_NAMESPACE,
          metric,
          "Name",
          cell.name,
          "Architecture",
          cell.architecture,
        ]),
      },
    })),
  );
  new CloudwatchDashboard(scope, "rotation.dashboard", {
    dashboardName: name,
    dashboardBody: str`jsonencode(${{ widgets }})`,
  });
}
