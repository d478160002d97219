import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { labConfig } from "../../../lab/product/lab-config";
import { parseConfig } from "../../../lib/config/load";
import { timeOf } from "../../../lib/config/resolve/build-times";
import { resolveConfig } from "../../../lib/config/resolve-config";
import { formatProblems } from "../../../lib/config/text/problem";

const gate = join(__dirname, "../../../lib/userdata/builder/gate.sh");
const HOURS_UP = 8;

function builderOf(now: Date) {
  const parsed = parseConfig(labConfig(now), "docker-cache.yaml");
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems));
  return resolveConfig(parsed.config).regions[0]?.cells[0]?.builder;
}

test("at whatever time of day the lab comes up, its builders find the replication gate open for hours", () => {
  const questions: string[] = [];
  for (let minute = 0; minute < 24 * 60; minute += 59) {
    const builder = builderOf(new Date(Date.UTC(2026, 10, 26, 0, minute)));
    expect(builder?.replicateAt).not.toBeNull();
    for (const up of [0, HOURS_UP * 60]) {
      const at = timeOf(minute + up);
      questions.push(`is_gate_open ${at} '${builder?.replicateAt}' ${builder?.watchdogMinutes} || echo ${at}`);
    }
  }
  const closedAt = execFileSync("bash", ["-c", `source "$1"\n${questions.join("\n")}`, "ask", gate], {
    encoding: "utf8",
  });
  expect(closedAt).toBe("");
});

test("the build is due at once", () => {
  const now = new Date("2026-11-26T04:30:59Z");
  expect(builderOf(now)?.buildAt).toEqual(["04:30"]);
});
