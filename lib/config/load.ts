/** From the text of a configuration to the configuration, or to every problem in it. */
import { CACHE_CHECKS, CONFIG_CHECKS, ENTRY_CHECKS } from "./check/all";
import { checkAnything } from "./check/entries";
import type { Companion } from "./companion";
import { COMPANIONS } from "./companions/all";
import { entriesOf } from "./resolve/entries";
import type { Config } from "./schema/schema";
import { configSchemaWith } from "./section";
import { explain, type SchemaFinding } from "./text/explain";
import { type Finding, formatPath, type Problem } from "./text/problem";
import { pruned, unlessMissing } from "./text/prune";
import { parseYaml } from "./text/yaml-document";

export type ParseResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Parses and checks a configuration. `file` is its name in problems. Every problem comes out at once, in the order of the file; only text that
 * is no YAML hides what is wrong with its content.
 */
export function parseConfig(text: string, file: string, companions: readonly Companion[] = COMPANIONS): ParseResult {
  const schema = configSchemaWith(companions);
  const yaml = parseYaml(text);
  const place = (offset: number) => ({ file, ...yaml.position(offset) });
  const problems: Problem[] = yaml.findings.map(({ offset, ...finding }) => ({
    ...place(offset),
    path: "",
    ...finding,
  }));
  if (yaml.value === undefined) return { ok: false, problems };

  const parsed = schema.safeParse(yaml.value);
  const refused = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explain(issue, { ...yaml, schema }));
  const findings = [
    ...refused,
    ...check(parsed.success ? parsed.data : pruned(yaml.value, schema), companions, parsed.success),
  ];
  for (const { path, found, expected, fix, ...about } of findings) {
    const offset = yaml.offset(path, "part" in about ? (about as SchemaFinding).part : "value");
    problems.push({ ...place(offset), path: formatPath(path), found, expected, fix });
  }
  if (parsed.success && problems.length === 0) return { ok: true, config: parsed.data };
  return { ok: false, problems: inOrder(problems) };
}

/** Runs every check; on what is left of a configuration, those that need no more than that. */
function check(config: Config | undefined, companions: readonly Companion[], whole: boolean): Finding[] {
  if (config === undefined) return [];
  const caches = unlessMissing(() => Object.keys(config.caches));
  const entries = companions.flatMap((companion) => unlessMissing(() => entriesOf(config, [companion])));
  return [
    ...CONFIG_CHECKS.flatMap((run) => unlessMissing(() => run(config))),
    ...(whole ? checkAnything(config, entries) : []),
    ...caches.flatMap((cache) => CACHE_CHECKS.flatMap((run) => unlessMissing(() => run(config, cache)))),
    ...entries.flatMap((entry) => ENTRY_CHECKS.flatMap((run) => unlessMissing(() => run(config, entry, entries)))),
  ];
}

/** Sorts problems by place. A fault of a text as YAML hides its faults as a value; and nothing is said twice. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  const once = problems.filter((problem) => {
    const { line, column, path, found } = problem;
    const key = JSON.stringify([line, column, ...(path === "" ? [] : [path, found])]);
    return !seen.has(key) && !seen.has(JSON.stringify([line, column])) && seen.add(key);
  });
  return once.sort((a, b) => a.line - b.line || a.column - b.column);
}
