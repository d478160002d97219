import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import { METRIC } from "../../lib/contract";
import { synthesizeEverything } from "../../scripts/generate/everything";

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
  const quantities = [0.5, 2.5];
  expect(used.filter((number) => !prices.includes(number) && !quantities.includes(number))).toEqual([]);
});

test("what the README promises is what the page reckons", () => {
  const result = (row: string) => Number(new RegExp(`^\\| ${row}.*\\| ([\\d.]+) \\|$`, "m").exec(text)?.[1]);
  const cache = result("builder \\|") + result("cache volume \\|") + result("snapshots:");
  const watching = result("custom metrics") + result("alarms \\|");
  const worker = result("one worker's cache volume");
  const promised = [Math.round(cache), Math.round(watching), Number(worker.toFixed(3))];
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  expect(
    /about (\d+) USD a month .*, (\d+) for its metrics and alarms, and ([\d.]+) an hour/.exec(readme)?.slice(1),
  ).toEqual(promised.map(String));
});

test("alarms and metrics are counted", () => {
  const rotations = synthesizeEverything().filter(({ name }) => name.includes("-rotation-"));
  const alarms = rotations.map(({ resource }) => Object.keys(resource.aws_cloudwatch_metric_alarm ?? {}).length);
  expect(new Set(alarms).size).toBe(1);
  expect(text).toContain(`| alarms | ${alarms[0]} × 0.10`);
  expect(text).toContain(`| custom metrics | ${Object.keys(METRIC).length} × 0.30`);
});
