/** One dashboard for a stack or module: what each cache looks like, at a glance. */
import { FALLBACK_METRIC, METRIC, METRIC_NAMESPACE, WORKER_METRIC_NAMESPACE } from "../../lib/contract";
import { currentOf } from "../parts/current";
import { CloudwatchDashboard, type Construct } from "../terraform/cdktf";
import { str } from "../terraform/expression";

export interface DashboardCell {
  readonly name: string;
  readonly architecture: string;
}

interface Widget {
  readonly title: string;
  readonly metrics: readonly string[];
  readonly stat: "Maximum" | "Minimum" | "Sum";
  /** Rotation's by default. */
  readonly namespace?: string;
}

const WIDGETS: readonly Widget[] = [
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
  { title: "blocks of the volume in no snapshot yet, GiB", metrics: [METRIC.freeGrowthGib], stat: "Minimum" },
  {
    title: "workers that started cold, by their own account",
    metrics: [FALLBACK_METRIC],
    stat: "Sum",
    namespace: WORKER_METRIC_NAMESPACE,
  },
];
/** Of a dashboard's 24 columns. */
const WIDTH = 8;
const HEIGHT = 6;
const COLUMNS = 24 / WIDTH;
/** Rows that one cache takes. */
const ROWS = Math.ceil(WIDGETS.length / COLUMNS);

/** @param name Dashboards are global: the name tells the region. */
export function createDashboard(scope: Construct, name: string, cells: readonly DashboardCell[]): void {
  const { region } = currentOf(scope);
  const widgets = cells.flatMap((cell, above) =>
    WIDGETS.map(({ title, metrics, stat, namespace = METRIC_NAMESPACE }, index) => ({
      type: "metric",
      x: (index % COLUMNS) * WIDTH,
      y: (above * ROWS + Math.floor(index / COLUMNS)) * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
      properties: {
        title: `${cell.name}/${cell.architecture}: ${title}`,
        region,
        stat,
        period: 3600,
        metrics: metrics.map((metric) => [namespace, metric, "Name", cell.name, "Architecture", cell.architecture]),
      },
    })),
  );
  new CloudwatchDashboard(scope, "rotation.dashboard", {
    dashboardName: name,
    dashboardBody: str`jsonencode(${{ widgets }})`,
  });
}
