/** One dashboard for a stack or module: what each cache looks like, at a glance. */
import { METRIC, METRIC_NAMESPACE, START_METRIC, WORKER_METRIC_NAMESPACE } from "../../lib/contract";
import { currentOf } from "../parts/current";
import { CloudwatchDashboard, type Construct } from "../terraform/cdktf";
import { str } from "../terraform/expression";

export interface DashboardCell {
  readonly name: string;
  readonly architecture: string;
}

interface Widget {
  readonly title: string;
  /** Rotation's. */
  readonly metrics: readonly string[];
  readonly stat: "Maximum" | "Minimum" | "Sum";
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
];
const STARTS = "workers by how they started, by their own account";
/** Of a dashboard's 24 columns. */
const WIDTH = 8;
const HEIGHT = 6;
const COLUMNS = 24 / WIDTH;
/** Rows that one cache takes. */
const ROWS = Math.ceil((WIDGETS.length + 1) / COLUMNS);

/** @param name Dashboards are global: the name tells the region. */
export function createDashboard(scope: Construct, name: string, cells: readonly DashboardCell[]): void {
  const { region } = currentOf(scope);
  const widgets = cells.flatMap((cell, above) =>
    chartsOf(cell).map(({ title, metrics, ...chart }, index) => ({
      type: "metric",
      x: (index % COLUMNS) * WIDTH,
      y: (above * ROWS + Math.floor(index / COLUMNS)) * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
      properties: { title: `${cell.name}/${cell.architecture}: ${title}`, region, ...chart, period: 3600, metrics },
    })),
  );
  new CloudwatchDashboard(scope, "rotation.dashboard", {
    dashboardName: name,
    dashboardBody: str`jsonencode(${{ widgets }})`,
  });
}

/** Charts of a cache. Warm and cold starts lie one over the other: the height is all starts, the areas are their shares. */
function chartsOf({ name, architecture }: DashboardCell) {
  const dimensions = ["Name", name, "Architecture", architecture];
  const own = WIDGETS.map(({ metrics, ...widget }) => ({
    ...widget,
    metrics: metrics.map((metric) => [METRIC_NAMESPACE, metric, ...dimensions]),
  }));
  const starts = ["warm", "cold"].map((state) => [
    WORKER_METRIC_NAMESPACE,
    START_METRIC,
    ...dimensions,
    "State",
    state,
  ]);
  return [...own, { title: STARTS, stat: "SampleCount", stacked: true, metrics: starts }];
}
