/** Data to stdout, messages to stderr; one JSON document if it is asked for. */
import type { Applied } from "../lambda-src/rotation/apply/apply";
import { formatAction } from "../lambda-src/rotation/format";
import type { Action } from "../lambda-src/rotation/types";
import { type Target, titleOf } from "./targets";

/** Version of the JSON documents; a change that breaks readers raises it. */
const DOCUMENT_VERSION = 1;

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(document: object): void {
  print(JSON.stringify({ version: DOCUMENT_VERSION, ...document }, null, 2));
}

/** A launch template's data holds user data, which is nobody's business here. */
function brief(action: Action): object {
  if (action.kind !== "write-template") return { ...action };
  const { template, ...rest } = action;
  return { ...rest, templateId: template.id };
}

type Outcome = "planned" | "done" | "held" | "failed";

function outcomeOf(failure: Applied["failure"]): { outcome: Outcome; error?: string } {
  if (failure === undefined) return { outcome: "done" };
  return failure === "held" ? { outcome: "held" } : { outcome: "failed", error: failure.message };
}

/** Result of a target's actions. */
export interface Report {
  readonly target: Target;
  /** Snapshot that the pointer names in the end. */
  readonly promoted: string;
  readonly planned?: readonly Action[];
  readonly applied?: readonly Applied[];
  readonly notes?: readonly string[];
  readonly problems?: readonly string[];
}

export function hasFailed({ applied = [], problems = [] }: Report): boolean {
  return applied.some((one) => one.failure instanceof Error) || problems.length > 0;
}

function reportJson(report: Report): object {
  const { target, promoted, planned = [], applied = [], notes = [], problems = [] } = report;
  return {
    region: target.region,
    cache: target.settings.name,
    architecture: target.settings.architecture,
    promoted,
    actions: [
      ...planned.map((action) => ({ ...brief(action), outcome: "planned" satisfies Outcome })),
      ...applied.map(({ action, failure }) => ({ ...brief(action), ...outcomeOf(failure) })),
    ],
    notes,
    problems,
  };
}

function reportLines({ target, promoted, planned = [], applied = [], notes = [], problems = [] }: Report): string[] {
  const actions = [
    ...planned.map((action) => `  would ${formatAction(action)}`),
    ...applied.map(({ action, failure }) => {
      const { outcome, error } = outcomeOf(failure);
      return `  ${outcome}: ${formatAction(action)}${error ? `: ${error}` : ""}`;
    }),
  ];
  return [
    `${titleOf(target)}: promoted ${promoted}`,
    ...(actions.length > 0 ? actions : ["  nothing to do"]),
    ...notes.map((note) => `  note: ${note}`),
    ...problems.map((problem) => `  problem: ${problem}`),
  ];
}

/** Prints what was planned or done, and says whether all of it went well. */
export function printReports(command: string, reports: readonly Report[], options: { json?: boolean }): boolean {
  if (options.json) printJson({ command, targets: reports.map(reportJson) });
  else for (const report of reports) for (const line of reportLines(report)) print(line);
  return !reports.some(hasFailed);
}
