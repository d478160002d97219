import { HOUR, SETTINGS, snapshot, state } from "../../../lab/fake/example-state";
import { plan } from "../../../lambda-src/rotation/plan/plan";
import { emitMetrics, logRun, logSkipped } from "../../../lambda-src/rotation/telemetry";
import { METRIC, METRIC_NAMESPACE } from "../../../lib/contract";
import { captureOutput } from "./capture-output";

const output = captureOutput();
const FIGURES = plan(state({ snapshots: [snapshot("1", HOUR)] }), SETTINGS).figures;

test("metrics in CloudWatch's embedded format, with the two dimensions that the alarms name", () => {
  emitMetrics(FIGURES, SETTINGS, true);
  const [line] = output.documents() as [{ _aws: { CloudWatchMetrics: object[] } } & Record<string, unknown>];
  const [directive] = line._aws.CloudWatchMetrics as [{ Metrics: { Name: string }[] }];
  expect(directive).toMatchObject({ Namespace: METRIC_NAMESPACE, Dimensions: [["Name", "Architecture"]] });
  expect(line).toMatchObject({ Name: "ci", Architecture: "x86_64", [METRIC.healthySnapshots]: 1, [METRIC.run]: 1 });
  const known = Object.entries(FIGURES).flatMap(([key, value]) =>
    value === null ? [] : [METRIC[key as keyof typeof FIGURES]],
  );
  expect(directive.Metrics.map((one) => one.Name).sort()).toEqual([...known, METRIC.run].sort());
});

test("what is not known is left out, and a failed run has no heartbeat", () => {
  emitMetrics({ ...FIGURES, promotedAgeHours: null, freeGrowthGib: null }, SETTINGS, false);
  const [line] = output.documents();
  for (const name of [METRIC.promotedAgeHours, METRIC.freeGrowthGib, METRIC.run]) expect(line).not.toHaveProperty(name);
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
