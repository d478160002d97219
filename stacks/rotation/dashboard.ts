/** One dashboard for a stack or module: what each cache looks like, at a glance, and below them what the region has once. */
import {
  type AlarmSetting,
  METRIC,
  METRIC_NAMESPACE,
  REGION_DIMENSION,
  START_METRIC,
  tellsCachesApart,
  WORKER_METRIC_NAMESPACE,
} from "../../lib/contract";
import { currentOf } from "../parts/current";
import { keepName } from "../parts/keep-name";
import { CloudwatchDashboard, type Construct, Token } from "../terraform/cdktf";
import { str } from "../terraform/expression";
import type { TerraformData } from "../terraform/terraform-data";

export interface DashboardCell {
  readonly name: string;
  readonly architecture: string;
  readonly alarms: AlarmSetting;
}

interface Widget {
  readonly title: string;
  /** Rotation's. */
  readonly metrics: readonly string[];
  readonly stat: "Maximum" | "Minimum" | "Sum";
}

interface Chart {
  readonly title: string;
  readonly metrics: readonly (readonly string[])[];
  readonly stat: string;
  readonly stacked?: boolean;
}

/** Metrics that alarms look at, if all are there. A chart has no line for what is not told, such as the failed builds of copies. */
const OF_CACHE: readonly Widget[] = [
  {
    title: "age of what is promoted and life left of copies, hours",
    metrics: [METRIC.promotedAgeHours, METRIC.servedLifeHours],
    stat: "Maximum",
  },
  { title: "runs, failed builds", metrics: [METRIC.run, METRIC.failedBuilds], stat: "Sum" },
  {
    title: "trouble",
    metrics: [METRIC.withdrawn, METRIC.foreign, METRIC.unprovenCopies, METRIC.templateProblems, METRIC.overdueHours],
    stat: "Maximum",
  },
];

/** Metrics that no alarm looks at, whatever its setting; of each the worst cache of the region. */
const OF_REGION: readonly Widget[] = [
  {
    title: "snapshots of a cache, most",
    metrics: [METRIC.snapshots, METRIC.healthySnapshots, METRIC.overdueDeletions],
    stat: "Maximum",
  },
  {
    title: "left behind, and versions that expire",
    metrics: [METRIC.orphans, METRIC.expiringReferences],
    stat: "Maximum",
  },
  { title: "blocks of a volume in no snapshot yet, GiB, least", metrics: [METRIC.freeGrowthGib], stat: "Minimum" },
];
const STARTS = "workers by how they started, by their own account";
/** Of a dashboard's 24 columns: four charts beside one another. */
const WIDTH = 6;
const HEIGHT = 6;

/**
 * @param name Dashboards are global: the name tells the region.
 * @param identity of the one cache of a module
 */
export function createDashboard(
  scope: Construct,
  name: string,
  cells: readonly DashboardCell[],
  identity?: TerraformData,
): void {
  const { region } = currentOf(scope);
  const rows = [...cells.map(chartsOf), chartsOfRegion(cells)];
  const widgets = rows.flatMap((charts, row) =>
    charts.map(({ title, metrics, ...chart }, column) => ({
      type: "metric",
      x: column * WIDTH,
      y: row * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
      properties: { title, region, ...chart, period: 3600, metrics },
    })),
  );
  new CloudwatchDashboard(scope, "rotation.dashboard", {
    dashboardName: name,
    dashboardBody: str`jsonencode(${{ widgets }})`,
    lifecycle: keepName(identity, "dashboard_name"),
  });
}

/** The four charts of a cache: its metrics that tell it from others, and how its workers started. */
function chartsOf({ name, architecture, alarms }: DashboardCell): Chart[] {
  const dimensions = ["Name", name, "Architecture", architecture];
  const setting = settingOf(alarms);
  const own = OF_CACHE.map(({ metrics, title, stat }) => ({
    title: `${name}/${architecture}: ${title}`,
    stat,
    metrics: metrics
      .filter((metric) => tellsCachesApart(metric, setting))
      .map((metric) => [METRIC_NAMESPACE, metric, ...dimensions]),
  }));
  const starts = ["warm", "cold"].map((state) => [
    WORKER_METRIC_NAMESPACE,
    START_METRIC,
    ...dimensions,
    "State",
    state,
  ]);
  // Warm and cold starts lie one over the other: the height is all starts, the areas are their shares.
  const stacked = { title: `${name}/${architecture}: ${STARTS}`, stat: "SampleCount", stacked: true, metrics: starts };
  return [...own, stacked];
}

/** What only the plan of a module knows is shown as if all alarms were there. */
function settingOf(alarms: AlarmSetting): AlarmSetting {
  return Token.isUnresolved(alarms) ? "all" : alarms;
}

/** Charts of what the region has once; if a cache has the essential alarms alone, with what no alarm of it looks at. */
function chartsOfRegion(cells: readonly DashboardCell[]): Chart[] {
  const untold = OF_CACHE.flatMap(({ metrics }) => metrics).filter((one) => !tellsCachesApart(one, "essential"));
  const trouble: Widget = { title: "caches without all alarms, the worst", metrics: untold, stat: "Maximum" };
  const widgets = cells.every(({ alarms }) => alarms === "all") ? OF_REGION : [...OF_REGION, trouble];
  return widgets.map(({ title, metrics, stat }) => ({
    title,
    stat,
    metrics: metrics.map((metric) => [METRIC_NAMESPACE, metric, REGION_DIMENSION.name, REGION_DIMENSION.value]),
  }));
}
