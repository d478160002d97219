import { HOUR, SETTINGS, snapshot, state } from "../../../lab/fake/example-state";
import { plan } from "../../../lambda-src/rotation/plan/plan";
import { emitMetrics, logRun, logSkipped } from "../../../lambda-src/rotation/telemetry";
import { ALARM_SETTINGS, METRIC, METRIC_NAMESPACE, REGION_DIMENSION, tellsCachesApart } from "../../../lib/contract";
import { captureOutput } from "./capture-output";

const output = captureOutput();
const FIGURES = plan(state({ snapshots: [snapshot("1", HOUR)] }), SETTINGS).figures;

interface Emitted {
  readonly dimensions: readonly string[][];
  readonly names: readonly string[];
  readonly line: Readonly<Record<string, unknown>>;
}

/** What was emitted: for the cache, then for the region. */
function emitted(): Emitted[] {
  const lines = output.documents() as ({ _aws: { CloudWatchMetrics: object[] } } & Record<string, unknown>)[];
  return lines.map((line) => {
    const [directive] = line._aws.CloudWatchMetrics as [
      { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] },
    ];
    expect(directive.Namespace).toBe(METRIC_NAMESPACE);
    return { dimensions: directive.Dimensions, names: directive.Metrics.map(({ Name }) => Name).sort(), line };
  });
}

const known = Object.entries(FIGURES).flatMap(([key, value]) =>
  value === null ? [] : [METRIC[key as keyof typeof FIGURES]],
);

test.each(ALARM_SETTINGS)(
  "alarms: %s: what alarms look at tells the cache, in their dimensions, the rest the region",
  (alarms) => {
    emitMetrics(FIGURES, { ...SETTINGS, alarms }, true);
    const [ofCache, ofRegion, ...others] = emitted();
    expect(others).toEqual([]);
    expect(ofCache).toMatchObject({
      dimensions: [["Name", "Architecture"]],
      line: { Name: "ci", Architecture: "x86_64", [METRIC.withdrawn]: 0, [METRIC.run]: 1 },
    });
    expect(ofRegion).toMatchObject({
      dimensions: [[REGION_DIMENSION.name]],
      line: { [REGION_DIMENSION.name]: REGION_DIMENSION.value, [METRIC.healthySnapshots]: 1 },
    });
    const all = [...known, METRIC.run];
    expect(ofCache?.names).toEqual(all.filter((metric) => tellsCachesApart(metric, alarms)).sort());
    expect(ofRegion?.names).toEqual(all.filter((metric) => !tellsCachesApart(metric, alarms)).sort());
    expect([...(ofCache?.names ?? [])].includes(METRIC.foreign)).toBe(alarms === "all");
  },
);

test("what is not known is left out, and a run that could not see to workers has no heartbeat", () => {
  emitMetrics({ ...FIGURES, promotedAgeHours: null, freeGrowthGib: null }, SETTINGS, false);
  const names = emitted().flatMap((one) => one.names);
  expect(names).toContain(METRIC.withdrawn);
  for (const name of [METRIC.promotedAgeHours, METRIC.freeGrowthGib, METRIC.run]) expect(names).not.toContain(name);
});

test("a line for each action and what became of it, one for the whole", () => {
  const made = { ...plan(state(), SETTINGS), notes: ["a note"] };
  const action = { kind: "write-pointer", value: "snap-1", reason: "newer" } as const;
  logRun({
    plan: made,
    applied: [
      { action, failure: undefined },
      { action, failure: "held" },
      { action, failure: new Error("denied") },
    ],
  });
  logSkipped({ kind: "reconcile" });
  const lines = output.documents() as { level: string; message: string }[];
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "INFO point to snap-1 (newer)",
    "WARN EC2 refuses for now: point to snap-1 (newer)",
    "ERROR failed: point to snap-1 (newer)",
    "WARN a note",
    "INFO reconciled",
    "INFO the event is about somebody else's snapshot: nothing to do",
  ]);
  expect(lines[0]).toMatchObject({ action: "write-pointer", reason: "newer" });
  expect(lines[2]).toMatchObject({ error: { message: "denied" } });
});
