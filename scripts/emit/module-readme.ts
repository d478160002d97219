/** A module's README: our prose, and between terraform-docs' marks tables in its manner. Nothing holds that terraform-docs would write the same bytes. */
import type { JsonObject } from "./hcl/expression";
import { expression } from "./hcl/expression";
import { layOut } from "./hcl/layout";

const BEGIN = "<!-- BEGIN_TF_DOCS -->";
const END = "<!-- END_TF_DOCS -->";

const ESCAPES: Readonly<Record<string, string>> = { "|": "\\|", "<": "&lt;", ">": "&gt;", _: "\\_", "*": "\\*" };

/** Text outside code spans, where underscores are emphasis to Markdown; a bar ends a table's cell everywhere. */
function escapeMarkdown(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith("`") ? part.replaceAll("|", "\\|") : part.replace(/[_*|<>]/g, (char) => ESCAPES[char]!),
    )
    .join("");
}

function anchor(kind: string, name: string): string {
  return `<a name="${kind}_${name}"></a> [${escapeMarkdown(name)}](#${kind}\\_${escapeMarkdown(name)})`;
}

/** Code in a table's cell. */
function code(text: string): string {
  if (!text.includes("\n")) return `\`${text}\``;
  return `<pre>${text.replaceAll("|", "\\|").replaceAll("\n", "<br/>")}</pre>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const rule = head.map((title) => (title === "Required" ? ":--------:" : "-".repeat(title.length + 2)));
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${rule.join("|")}|`, ...rows.map(line)];
}

function sorted(object: unknown): [string, JsonObject][] {
  return (Object.entries((object ?? {}) as JsonObject) as [string, JsonObject][]).sort(([a], [b]) => (a < b ? -1 : 1));
}

function requirements(json: JsonObject): string[] {
  const { required_version: version, required_providers: providers } = json.terraform as JsonObject;
  const rows = sorted(providers).map(([name, provider]) => [
    anchor("requirement", name),
    escapeMarkdown(String(provider.version)),
  ]);
  return table(["Name", "Version"], [[anchor("requirement", "terraform"), escapeMarkdown(String(version))], ...rows]);
}

/** Type expressions indented by two, as they stand in variables.tf. */
function inputs(json: JsonObject): string[] {
  const required = (body: JsonObject) => body.default === undefined;
  const rows = sorted(json.variable).map(([name, body]) => [
    anchor("input", name),
    escapeMarkdown(String(body.description)).trim().replaceAll("\n", "<br/>"),
    code(layOut(String(body.type), 7)),
    required(body) ? "n/a" : code(layOut(expression(body.default as never, "text"), 10)),
    required(body) ? "yes" : "no",
  ]);
  return table(["Name", "Description", "Type", "Default", "Required"], rows);
}

function outputs(json: JsonObject): string[] {
  const rows = sorted(json.output).map(([name, body]) => [
    anchor("output", name),
    escapeMarkdown(String(body.description)),
  ]);
  return table(["Name", "Description"], rows);
}

function resources(json: JsonObject): string[] {
  const rows = (["resource", "data"] as const).flatMap((kind) =>
    sorted(json[kind]).flatMap(([type, byName]) =>
      sorted(byName).map(([name]) => [escapeMarkdown(`${type}.${name}`), kind === "data" ? "data source" : "resource"]),
    ),
  );
  return table(["Name", "Type"], rows);
}

/** Calls of modules beside this one. */
function modules(json: JsonObject): string[] {
  const rows = sorted(json.module).map(([name, { source }]) => [
    anchor("module", name),
    escapeMarkdown(String(source)),
    "n/a",
  ]);
  return table(["Name", "Source", "Version"], rows);
}

/**
 * @param prose Markdown with the two marks, the second behind the first; what stands between is replaced.
 * @param json the module as `toTerraform()` gives it
 */
export function moduleReadme(prose: string, json: JsonObject): string {
  const begin = prose.indexOf(BEGIN);
  const end = prose.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`expected ${BEGIN} and behind it ${END} in the README's prose`);
  const sections = {
    Requirements: requirements(json),
    ...(json.module !== undefined && { Modules: modules(json) }),
    ...(json.resource !== undefined && { Resources: resources(json) }),
    Inputs: inputs(json),
    Outputs: outputs(json),
  };
  const tables = Object.entries(sections).map(([title, lines]) => [`## ${title}`, "", ...lines].join("\n"));
  return `${prose.slice(0, begin)}${BEGIN}\n${tables.join("\n\n")}\n${prose.slice(end)}`;
}
