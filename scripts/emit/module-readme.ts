/**
 * A module's README: our prose, between terraform-docs' marks the tables that `terraform-docs markdown table` of version 0.24.0 writes, and between
 * ours the attributes of variables that are objects, which no cell of a table has room for.
 */
import type { Input } from "../../lib/config/inputs";
import { attributeList } from "./attributes";
import type { JsonObject } from "./hcl/expression";

const TABLES = ["<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"] as const;
const ATTRIBUTES = ["<!-- BEGIN_ATTRIBUTES -->", "<!-- END_ATTRIBUTES -->"] as const;

/** Text outside code spans, where underscores are emphasis to Markdown and bars end a table's cell. Inside, terraform-docs escapes nothing. */
function escapeMarkdown(text: string): string {
  const escaped = (part: string) => (part.startsWith("`") ? part : part.replace(/[_|]/g, "\\$&"));
  return text
    .split(/(`[^`]*`)/)
    .map(escaped)
    .join("");
}

function anchor(kind: string, name: string): string {
  const escaped = name.replaceAll("_", "\\_");
  return `<a name="${kind}_${name}"></a> [${escaped}](#${kind}\\_${escaped})`;
}

function description(body: JsonObject): string {
  return escapeMarkdown(String(body.description)).trim().replaceAll("\n", "<br/>");
}

/** Code in a table's cell. */
function code(text: string): string {
  return text.includes("\n") ? `<pre>${text.replaceAll("\n", "<br/>")}</pre>` : `\`${text}\``;
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `## ${title}\n\nNo ${title.toLowerCase()}.`;
  const rule = head.map((name) => (name === "Required" ? ":------:" : "-".repeat(name.length)));
  return [`## ${title}`, "", ...[head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}

function sorted(object: unknown): [string, JsonObject][] {
  return (Object.entries((object ?? {}) as JsonObject) as [string, JsonObject][]).sort(([a], [b]) => (a < b ? -1 : 1));
}

interface Provider {
  readonly source: string;
  readonly version: string;
}

/** Providers that the module requires, by name. */
function requiredProviders(json: JsonObject): Readonly<Record<string, Provider>> {
  return ((json.terraform as JsonObject).required_providers ?? {}) as unknown as Record<string, Provider>;
}

function requirements(json: JsonObject): string {
  const terraform = [anchor("requirement", "terraform"), String((json.terraform as JsonObject).required_version)];
  const providers = sorted(requiredProviders(json)).map(([name, { version }]) => [
    anchor("requirement", name),
    String(version),
  ]);
  return section("Requirements", ["Name", "Version"], [terraform, ...providers]);
}

/** A resource's provider is the first word of its type. */
function providerOf(type: string): string {
  return type.split("_", 1)[0]!;
}

function providers(json: JsonObject): string {
  const types = ["resource", "data"].flatMap((kind) => Object.keys((json[kind] ?? {}) as JsonObject));
  const names = [...new Set(types.map(providerOf))].sort();
  const required = requiredProviders(json);
  const rows = names.map((name) => [anchor("provider", name), required[name]?.version ?? "n/a"]);
  return section("Providers", ["Name", "Version"], rows);
}

/** Modules that the module calls by their path, which have no version. */
function modules(json: JsonObject): string {
  const rows = sorted(json.module).map(([name, body]) => [anchor("module", name), String(body.source), "n/a"]);
  return section("Modules", ["Name", "Source", "Version"], rows);
}

function resources(json: JsonObject): string {
  const required = requiredProviders(json);
  const rows = (["resource", "data"] as const).flatMap((kind) => {
    const addresses = sorted(json[kind]).flatMap(([type, byName]) =>
      Object.keys(byName).map((name) => ({ type, address: `${type}.${name}` })),
    );
    const byAddress = addresses.sort((a, b) => (a.address < b.address ? -1 : 1));
    return byAddress.map(({ type, address }) => {
      const provider = providerOf(type);
      const source = required[provider]?.source ?? `hashicorp/${provider}`;
      const page = `${kind === "data" ? "data-sources" : "resources"}/${type.slice(provider.length + 1)}`;
      const link = `[${address}](https://registry.terraform.io/providers/${source}/latest/docs/${page})`;
      return [link, kind === "data" ? "data source" : "resource"];
    });
  });
  return section("Resources", ["Name", "Type"], rows);
}

/** Type expressions by variable, as they stand in a formatted `variables.tf`, which is how terraform-docs shows them. */
function typesIn(variables: string): ReadonlyMap<string, string> {
  const blocks = variables.matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}/gm);
  // A type's further lines stand deeper than its first, except the last, which closes its brackets.
  const type = /^ {2}type +=\s(.*(?:\n {3,}.*)*(?:\n {2}[)}\]].*)?)/m;
  return new Map([...blocks].map(([, name, body]) => [name!, type.exec(body!)?.[1] ?? "any"]));
}

/** A default as JSON, keys sorted. */
function defaultText(value: unknown): string {
  const inOrder = (_key: string, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(sorted(part)) : part;
  return JSON.stringify(value, inOrder, 2);
}

function inputs(json: JsonObject, types: ReadonlyMap<string, string>): string {
  const rows = sorted(json.variable).map(([name, body]) => [
    anchor("input", name),
    description(body),
    code(types.get(name) ?? "any"),
    body.default === undefined ? "n/a" : code(defaultText(body.default)),
    body.default === undefined ? "yes" : "no",
  ]);
  return section("Inputs", ["Name", "Description", "Type", "Default", "Required"], rows);
}

function outputs(json: JsonObject): string {
  const rows = sorted(json.output).map(([name, body]) => [anchor("output", name), description(body)]);
  return section("Outputs", ["Name", "Description"], rows);
}

/** Replaces what stands between two marks. */
function between(prose: string, [from, to]: readonly [string, string], text: string): string {
  const begin = prose.indexOf(from);
  const end = prose.indexOf(to);
  if (begin < 0 || end < begin) throw new Error(`expected ${from} and behind it ${to} in the README's prose`);
  return `${prose.slice(0, begin)}${from}\n${text}\n${prose.slice(end)}`;
}

/**
 * @param prose Markdown with two pairs of marks, each closing one behind its opening one; what stands between is replaced
 * @param json the module as `toTerraform()` gives it
 * @param variables its formatted `variables.tf`
 * @param fields its variables as they are declared; those that are objects get a list
 */
export function moduleReadme(prose: string, json: JsonObject, variables: string, fields: readonly Input[]): string {
  const sections = [
    requirements(json),
    providers(json),
    modules(json),
    resources(json),
    inputs(json, typesIn(variables)),
    outputs(json),
  ];
  return between(between(prose, TABLES, sections.join("\n\n")), ATTRIBUTES, attributeList(fields));
}
