import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ASSUMPTIONS, costsOf } from "../../cli/pull-through/cost";
import { ROOT } from "../../lab/tools/project";
import { ALARM_SETTINGS, type AlarmSetting, METRIC, METRIC_NAMESPACE } from "../../lib/contract";
import { PRICES } from "../../lib/prices";
import { rotationStack } from "../stacks/synthesized";

const text = readFileSync(join(ROOT, "docs/cost.md"), "utf8");

interface Sum {
  readonly text: string;
  readonly terms: string;
  readonly result: string;
}

/** Every `expression = result` of the page. */
const sums: Sum[] = [
  ...text.matchAll(/([\d.]+(?:[\d\s.×/+()-]*[×/+-][\d\s.×/+()-]*)|\([\d\s.×/+()-]+) = ([\d.,]*\d)/g),
].map((match) => ({ text: match[0], terms: match[1] ?? "", result: match[2] ?? "" }));

/** Sums and products of decimal numbers; nothing else is let through. */
function evaluate(terms: string): number {
  const plain = terms.replaceAll("×", "*");
  if (!/^[\d\s.*/+()-]+$/.test(plain)) throw new Error(`not a sum: ${terms}`);
  return Number(new Function(`return ${plain}`)());
}

test("the sums are found", () => {
  expect(sums.length).toBeGreaterThanOrEqual(12);
});

test.each(sums.map((sum) => [sum.text, sum] as const))("%s", (_, sum) => {
  const decimals = sum.result.split(".")[1]?.length ?? 0;
  const shown = Number(sum.result.replaceAll(",", ""));
  expect(Math.abs(evaluate(sum.terms) - shown)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9);
});

test("every price that a sum uses stands in the table of prices", () => {
  const prices = [...text.matchAll(/^\| [^|]+ \| (\d+\.\d+) \| /gm)].map((match) => Number(match[1]));
  expect(prices.length).toBeGreaterThanOrEqual(9);
  const used = sums.flatMap((sum) => sum.terms.match(/\d*\.\d+/g) ?? []).map(Number);
  const quantities = [0.5, 2.5, ASSUMPTIONS.minutesWithCache];
  expect(used.filter((number) => !prices.includes(number) && !quantities.includes(number))).toEqual([]);
});

test("the table of prices is that of lib/prices.ts, with sources, and says when they were found", () => {
  const rows = [...text.matchAll(/^\| ([^|]+) \| (\d+\.\d+) \| ([^|]+) \|$/gm)].map(([, ...row]) => row);
  const known = Object.values(PRICES).map(({ what, usd, source }) => [what, usd, source]);
  expect(rows.map(([what, usd, source]) => [what, Number(usd), source])).toEqual(known);
  expect(text).toContain("as found in November and December 2026");
  expect(new Set(Object.values(PRICES).map(({ found }) => found))).toEqual(new Set(["2026-11", "2026-12"]));
});

const PULL_THROUGH = (["codebuildMediumMinute", "codebuildSmallMinute"] as const).flatMap((price) =>
  [3, 10, 20].map((builds) => ({ builds, price })),
);

test.each(PULL_THROUGH)("pull-through: $builds builds a day at $price are as the command reckons them", (one) => {
  const { usd } = PRICES[one.price];
  const costs = costsOf({ ...ASSUMPTIONS, buildsPerDay: one.builds, pricePerMinute: usd });
  const term = (minutes: number, result: number) => `${one.builds} × 30 × ${minutes} × ${usd} = ${result.toFixed(2)}`;
  const cells = [
    one.builds,
    term(ASSUMPTIONS.minutes, costs.without),
    term(ASSUMPTIONS.minutesWithCache, costs.compute),
    ...[costs.storage, costs.with, costs.saved].map((part) => part.toFixed(2)),
  ];
  expect(text).toContain(`\n| ${cells.join(" | ")} |\n`);
});

test("what the README promises is what the page reckons", () => {
  const result = (row: string) => Number(new RegExp(`^\\| ${row}.*\\| ([\\d.]+) \\|$`, "m").exec(text)?.[1]);
  const cache = result("builder \\|") + result("cache volume \\|") + result("snapshots:");
  const watching = Number(/^\| n = 1, built here \| [^|]* = ([\d.]+) \|/m.exec(text)?.[1]);
  const worker = result("one worker's cache volume");
  const promised = [Math.round(cache), Math.round(watching), Number(worker.toFixed(3))];
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  expect(
    /about (\d+) USD a month .*, (\d+) for its metrics and alarms, and ([\d.]+) an hour/.exec(readme)?.slice(1),
  ).toEqual(promised.map(String));
});

/** Metrics that a region does not tell: of builds where it copies, of copies where it builds. */
const UNTOLD = { built: [METRIC.unprovenCopies, METRIC.servedLifeHours], copied: [METRIC.failedBuilds] } as const;

/** What one cache and its region have: alarms, metrics of the cache, metrics of the region. */
function counts(alarms: AlarmSetting, where: keyof typeof UNTOLD): number[] {
  const { resource } = rotationStack({ alarms, copyFrom: where === "built" ? null : "eu-west-2" });
  const found = Object.values(resource.aws_cloudwatch_metric_alarm ?? {});
  const looked = new Set(found.filter(({ namespace }) => namespace === METRIC_NAMESPACE).map((one) => one.metric_name));
  const told = Object.values(METRIC).filter((metric) => !(UNTOLD[where] as readonly string[]).includes(metric));
  return [found.length, looked.size, told.filter((metric) => !looked.has(metric)).length];
}

const WATCHED = ALARM_SETTINGS.flatMap((setting) =>
  (["built", "copied"] as const).flatMap((where) => [1, 10, 100].map((n) => ({ setting, where, n }))),
);

test.each(WATCHED)(
  "alarms and metrics of $n caches $where, alarms: $setting, are counted from the stacks",
  ({ setting, where, n }) => {
    const row = new RegExp(`^\\| n = ${n}, ${where} here \\| ([^|]+) \\| ([^|]+) \\|$`, "m").exec(text);
    const [alarms, ofCache, ofRegion] = counts(setting, where);
    const one = `${alarms} × 0.10 + ${ofCache} × 0.30`;
    const terms = n === 1 ? `${one} + ${ofRegion} × 0.30` : `${n} × (${one}) + ${ofRegion} × 0.30`;
    expect(row?.[1 + ALARM_SETTINGS.indexOf(setting)]?.split(" = ")[0]).toBe(terms);
  },
);
