/**
 * Modules and their examples ask for Terraform 1.5: nothing that came later may be in them, for the gate's own Terraform would not notice. `npm run
 * compat:oldest` runs them under that version; this is what can be said of the text alone.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MODULES } from "../../stacks/nouns";

/** Files with our code. Tests of modules have a bound of their own. */
const FILES = ["modules", "examples"].flatMap((parent) =>
  readdirSync(parent).flatMap((name) =>
    readdirSync(join(parent, name))
      .filter((file) => file.endsWith(".tf"))
      .map((file) => join(parent, name, file)),
  ),
);

/** Blocks at the top of a file as Terraform 1.5 knows them. */
const BLOCKS = new Set([
  "terraform",
  "provider",
  "variable",
  "locals",
  "data",
  "resource",
  "module",
  "output",
  "moved",
]);
/** Arguments of variables and outputs as it knows them. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  variable: ["description", "type", "default", "nullable", "sensitive", "validation"],
  output: ["description", "value", "sensitive", "precondition", "depends_on"],
};
/** Functions that came later, and with what: `terraform metadata functions -json` of 1.5.7 and 1.11.4 differ by these; providers have functions since 1.8. */
const LATER_FUNCTIONS = /\b(issensitive|templatestring|ephemeralasnull)\(|\bprovider::/;

/** Blocks at the top: kind, name and lines. A closing bracket without indentation ends one, in formatted code. */
function blocksOf(text: string): { kind: string; name: string; lines: string[] }[] {
  return [...text.matchAll(/^(\w+)((?: "[^"]+")*) \{(?:\}|\n([\s\S]*?)\n\})$/gm)].map(
    ([, kind = "", names = "", body = ""]) => ({
      kind,
      name: names.replaceAll('"', "").trim(),
      lines: body.split("\n"),
    }),
  );
}

/** Returns what Terraform 1.5 would not understand in a text, as lines. */
function laterThanBound(text: string): string[] {
  return blocksOf(text).flatMap(({ kind, name, lines }) => {
    const given = lines.flatMap(
      (line) => /^ {2}(\w+) +(?:=|\{)|^ {2}(\w+) \{/.exec(line)?.slice(1).find(Boolean) ?? [],
    );
    const known = ARGUMENTS[kind];
    const own =
      kind === "variable"
        ? lines.filter((line) => [...line.matchAll(/\bvar\.(\w+)/g)].some(([, used]) => used !== name))
        : [];
    return [
      ...(BLOCKS.has(kind) ? [] : [`block ${kind}`]),
      ...(known
        ? given.filter((argument) => !known.includes(argument)).map((argument) => `${kind} ${name}: ${argument}`)
        : []),
      // A validation may look at other variables, and at anything else, since 1.9.
      ...own.map((line) => `variable ${name}: ${line.trim()}`),
      ...(kind === "variable" ? lines.filter((line) => /\b(local|data|module)\.\w/.test(line)) : []),
      ...lines.filter((line) => LATER_FUNCTIONS.test(line)),
      // Arguments that are written and never stored came with 1.11.
      ...lines.filter((line) => /^\s+\w+_wo(_version)? +=/.test(line)),
    ];
  });
}

test("there is something to look at", () => {
  expect(FILES.length).toBeGreaterThan(15);
  for (const { name: noun } of MODULES) {
    const blocks = blocksOf(readFileSync(`modules/${noun}/variables.tf`, "utf8"));
    const all = readFileSync(`modules/${noun}/variables.tf`, "utf8").match(/^variable /gm) ?? [];
    expect(blocks).toHaveLength(all.length);
  }
});

test.each(FILES)("%s asks for no Terraform later than 1.5", (file) => {
  expect(laterThanBound(readFileSync(file, "utf8"))).toEqual([]);
});

test("the bound is what they state", () => {
  const stated = FILES.filter((file) => file.endsWith("versions.tf")).map(
    (file) => /required_version = "([^"]*)"/.exec(readFileSync(file, "utf8"))?.[1],
  );
  expect(new Set(stated)).toEqual(new Set([">= 1.5.0"]));
});

test.each([
  ['ephemeral "x" "y" {\n  a = 1\n}\n', ["block ephemeral"]],
  ["removed {\n  from = aws_x.y\n}\n", ["block removed"]],
  ['variable "a" {\n  type      = string\n  ephemeral = true\n}\n', ["variable a: ephemeral"]],
  [
    'variable "a" {\n  validation {\n    condition = var.a > var.b\n  }\n}\n',
    ["variable a: condition = var.a > var.b"],
  ],
  ['variable "a" {\n  validation {\n    condition = var.a > local.b\n  }\n}\n', ["    condition = var.a > local.b"]],
  [
    'locals {\n  a = issensitive(var.a)\n  b = provider::aws::arn_parse("x")\n}\n',
    ["  a = issensitive(var.a)", '  b = provider::aws::arn_parse("x")'],
  ],
  ['resource "aws_x" "y" {\n  value_wo = "z"\n}\n', ['  value_wo = "z"']],
  ['output "a" {\n  value     = 1\n  ephemeral = true\n}\n', ["output a: ephemeral"]],
])("%j is later", (text, expected) => {
  expect(laterThanBound(text)).toEqual(expected);
});
