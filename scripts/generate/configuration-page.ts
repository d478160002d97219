/** docs/configuration.md: every key, from the schema. */

import { z } from "zod";
import { type Companion, sectionKey } from "../../lib/config/companion";
import { COMPANIONS } from "../../lib/config/companions/all";
import { CONFIG_VARIABLE, DEFAULT_FILE } from "../../lib/config/read-config";
import { INSTANCE_NOUNS } from "../../lib/config/schema/fields";
import { configSchemaWith } from "../../lib/config/section";
import { bare, describeExpected, schemaAt } from "../../lib/config/text/expected";
import { formatPath, type Path } from "../../lib/config/text/problem";
import { isObject } from "../../lib/is-object";
import { EDITOR_SCHEMA } from "./editor-schema";
import { renderTraps } from "./yaml-section";

/** From the repository's root. */
export const CONFIGURATION_PAGE = "docs/configuration.md";

const INTRODUCTION = `<!-- Written by \`npm run generate\` from lib/config/schema/schema.ts; do not edit. -->
# Configuration

One file, \`${DEFAULT_FILE}\` in the current folder, says what is deployed; \`$${CONFIG_VARIABLE}\` names another.
The one in the repository is commented, and a good place to begin.
\`regions\` must be given, and a cache with \`images\` or \`images_from\`, or the section of a companion: everything else has a default.

Editors with the YAML language server complete and explain the keys: the first line of the file names \`${EDITOR_SCHEMA}\`.

A file with problems deploys nothing.
\`cdktf synth\` names every problem in one run, with line, what was found, what is expected and the fix, and exits with code 2.
Unknown keys are problems.
Combinations of keys are checked too: builds keep clear of the replication, volumes and instance types exist, and names fit AWS's limits.

Numbers carry their unit in their key.
\`null\` stands for "not given".
`;

/** A table of the page: what the maps at these paths hold. Several paths are the same map in several places. */
interface Section {
  readonly title: string;
  readonly paths: readonly Path[];
  readonly text?: string;
}

const CACHE = ["caches", "<cache>"];
const SECTIONS: readonly Section[] = [
  { title: "The file", paths: [[]] },
  {
    title: "`state`",
    paths: [["state"]],
    text: "Either `backend: local`, which takes no other key, or `backend: s3`.",
  },
  { title: "`regions.<region>`", paths: [["regions", "<region>"]], text: "`{}` for all defaults." },
  { title: "`regions.<region>.builder`", paths: [["regions", "<region>", "builder"]] },
  { title: "`regions.<region>.worker`", paths: [["regions", "<region>", "worker"]] },
  { title: "`regions.<region>.proxy`", paths: [["regions", "<region>", "proxy"]] },
  { title: "`regions.<region>.notifications`", paths: [["regions", "<region>", "notifications"]] },
  { title: "`caches.<cache>`", paths: [CACHE] },
  {
    title: "`caches.<cache>.images[]`",
    paths: [[...CACHE, "images", 0]],
    text: "Either a reference such as `python:3.12-slim`, or a map:",
  },
  ...INSTANCE_NOUNS.map((noun) => ({
    title: `\`caches.<cache>.architectures.<architecture>.${noun}\``,
    paths: ["x86_64", "arm64"].map((architecture) => [...CACHE, "architectures", architecture, noun]),
  })),
  { title: "`caches.<cache>.volume`", paths: [[...CACHE, "volume"]] },
  { title: "`caches.<cache>.build`", paths: [[...CACHE, "build"]] },
  { title: "`caches.<cache>.registries[]`", paths: [[...CACHE, "registries", 0]] },
  { title: "`caches.<cache>.retention`", paths: [[...CACHE, "retention"]] },
  { title: "`caches.<cache>.rotation`", paths: [[...CACHE, "rotation"]] },
  { title: "`caches.<cache>.worker`", paths: [[...CACHE, "worker"]] },
  { title: "`caches.<cache>.worker.volume`", paths: [[...CACHE, "worker", "volume"]] },
  {
    title: "`caches.<cache>.regions.<region>`",
    paths: [[...CACHE, "regions", "<region>"]],
    text: "All keys of `regions.<region>` except `notifications`, each of which wins over the one there, and:",
  },
];

/** Maps whose tables are elsewhere: below the override of a region everything is as in the region. */
const SAME_AS_REGION = ["copy_from", "dlm_schedule", "kms_key_arn", "fast_restore_zones", "builder", "worker", "proxy"];

/** The page with the sections of these companions behind those of caches. */
export function renderConfigurationPage(companions: readonly Companion[] = COMPANIONS): string {
  const schema = configSchemaWith(companions);
  const sections = [...SECTIONS, ...companions.flatMap((companion) => sectionsOf(companion, schema))].map(
    ({ title, paths, text }) => [`## ${title}`, ...(text ? [text] : []), table(paths, schema)].join("\n\n"),
  );
  return `${[INTRODUCTION, "## YAML", renderTraps(), ...sections].join("\n\n").replaceAll("\n\n\n", "\n\n")}\n`;
}

/** Sections of a companion: an entry, and each map in it. */
function sectionsOf(companion: Companion, schema: z.ZodType): Section[] {
  const key = sectionKey(companion);
  const entry = companion.entries === "named" ? [key, "<name>"] : [key];
  const [first, ...inner] = mapsAt(entry, schema);
  return [{ ...first!, text: companion.description }, ...inner];
}

function mapsAt(path: Path, schema: z.ZodType): Section[] {
  const below = keysAt(path, schema)
    .map((key) => [...path, key, ...stepsInto(bare(schemaAt([...path, key], schema)!))])
    .filter((one) => bare(schemaAt(one, schema)!) instanceof z.ZodObject);
  return [{ title: `\`${formatPath(path)}\``, paths: [path] }, ...below.flatMap((one) => mapsAt(one, schema))];
}

/** Steps from a field to what it holds several of. */
function stepsInto(field: z.ZodType): Path {
  if (field instanceof z.ZodRecord) return ["<name>"];
  return field instanceof z.ZodArray ? [0] : [];
}

function table(paths: readonly Path[], schema: z.ZodType): string {
  const first = paths[0]!;
  const override = formatPath(first).endsWith(".regions.<region>");
  const keys = keysAt(first, schema).filter((key) => !override || !SAME_AS_REGION.includes(key));
  const rows = keys.map((key) => {
    const fields = paths.map((path) => [path, schemaAt([...path, key], schema)!] as const);
    const field = fields[0]![1];
    return `| \`${key}\` | ${defaults(fields)} | ${cell(allowed(field))} | ${cell(field.description!)} |`;
  });
  return ["| key | default | allowed | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

function keysAt(path: Path, schema: z.ZodType): string[] {
  const field = bare(schemaAt(path, schema)!);
  const groups = (field instanceof z.ZodUnion ? field.options : [field]) as z.ZodType[];
  return [...new Set(groups.flatMap((group) => (group instanceof z.ZodObject ? Object.keys(group.shape) : [])))];
}

/** The default, and for which architecture if they differ. */
function defaults(fields: readonly (readonly [Path, z.ZodType])[]): string {
  const shown = fields.map(([path, field]) => [String(path.at(-2)), defaultOf(field)] as const);
  const same = shown.every(([, value]) => value === shown[0]![1]);
  return same ? shown[0]![1] : shown.map(([name, value]) => `${name}: ${value}`).join("<br>");
}

function defaultOf(field: z.ZodType): string {
  const result = field.safeParse(undefined);
  if (!result.success) return "must be given";
  if (result.data === undefined) return "not given";
  return isObject(result.data) ? defaultGroup(field) : `\`${JSON.stringify(result.data).replaceAll(/^"|"$/g, "")}\``;
}

/** A group's own defaults are in its table, except what it holds when it is left out. */
function defaultGroup(field: z.ZodType): string {
  const given = (z.toJSONSchema(field, { io: "input" }) as { default?: object }).default ?? {};
  return `\`${JSON.stringify(given).replaceAll('"', "").replaceAll(":", ": ")}\``;
}

function allowed(field: z.ZodType): string {
  const text = describeExpected(field);
  return bare(field) instanceof z.ZodArray ? text.replaceAll(/, each a map/g, " of maps, below") : text;
}

/** Text for a cell of a table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
