import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import { synthesizeEverything } from "../../scripts/generate/everything";

const text = readFileSync(join(ROOT, "docs/operations.md"), "utf8");

/** Returns the text below a heading, up to the next of the same rank. */
function section(heading: string): string {
  const rank = heading.split(" ")[0] ?? "";
  const from = text.indexOf(`\n${heading}\n`);
  const to = text.indexOf(`\n${rank} `, from + 1);
  return from < 0 ? "" : text.slice(from, to < 0 ? undefined : to);
}

test("the runbook has a section for each alarm, and none for others", () => {
  const alarms = synthesizeEverything()
    .flatMap((stack) => Object.values(stack.resource.aws_cloudwatch_metric_alarm ?? {}))
    .map((alarm) => String(alarm.alarm_name).replace(/^docker-cache-ci-x86_64-rotation-/, ""));
  const headings = [...section("## Alarms").matchAll(/^### (.+)$/gm)].map((match) => match[1]);
  expect(new Set(alarms).size).toBeGreaterThan(8);
  expect([...headings].sort()).toEqual([...new Set(alarms)].sort());
});

test("every field of a worker's status file is explained, and no other", () => {
  const source = ["main", "status", "docker"].map((name) =>
    readFileSync(join(ROOT, `lib/userdata/worker/${name}.sh`), "utf8"),
  );
  const fixed = [...source.join("\n").matchAll(/"(\w+)":"?%s/g)].map((match) => match[1]);
  const noted = [...source.join("\n").matchAll(/^ +(?:[^#\n]* )?note (.+)$/gm)].flatMap((match) =>
    [...(match[1] ?? "").matchAll(/"[^"]*"|'[^']*'|\S+/g)].flatMap(([word], place) => (place % 2 === 0 ? [word] : [])),
  );
  const explained = [...section("## Looking").matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap((match) =>
    [...(match[1] ?? "").matchAll(/`(\w+)`/g)].map((field) => field[1]),
  );
  expect([...explained].sort()).toEqual([...new Set([...fixed, ...noted])].sort());
  expect(explained.length).toBeGreaterThan(6);
});
