/**
 * What attributes and blocks a provider has, as its bindings for cdktf tell it: the schema of versions whose provider itself is not at hand.
 * Names that a construct gives as an override are seen by no type check; they are looked up here.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject } from "../emit/expression";

/** Attributes and blocks by name; null: nothing is known of what is below. */
export interface Names {
  readonly [name: string]: Names | null;
}

/** Arguments of Terraform itself. */
const META = new Set(["//", "count", "for_each", "provider", "depends_on", "lifecycle"]);

/** The object that a function of the bindings returns, as lines of `name: expression`. */
function returned(source: string, head: string): [string, string][] {
  const start = source.indexOf(head);
  if (start < 0) throw new Error(`no ${head} in the bindings`);
  const open = source.indexOf("return {\n", start);
  const body = source.slice(open, endOf(source, open));
  return [...body.matchAll(/^\s+(\w+): (.*),$/gm)].map((match) => [match[1] as string, match[2] as string]);
}

/** The line of the bracket that closes, indented as the one that opens. */
function endOf(source: string, open: number): number {
  const indentation = source.slice(source.lastIndexOf("\n", open) + 1, open);
  return source.indexOf(`\n${indentation}};`, open);
}

function namesIn(source: string, head: string): Names {
  const entries = returned(source, head).map(([name, expression]) => {
    const nested = /(?<![.\w])(\w+ToTerraform)\b/.exec(expression)?.[1];
    return [name, nested === undefined ? null : namesIn(source, `function ${nested}(struct)`)] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * @param bindings Folder of the provider's bindings, `node_modules/@cdktf/provider-aws`.
 * @param kind and type of a resource or data source, e.g. `data` and `aws_region`
 */
export function bindingNames(bindings: string, kind: "resource" | "data", type: string): Names {
  const [prefix, ...rest] = type.split("_");
  const folder = join(bindings, "lib", `${kind === "data" ? `data-${prefix}-` : ""}${rest.join("-")}`);
  if (!existsSync(folder)) throw new Error(`the bindings have no ${kind} ${type}`);
  const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
  return namesIn(files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n"), "synthesizeAttributes() {");
}

/** Paths in a body that the provider does not know. */
export function unknownNames(body: JsonObject, names: Names, path: string): string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (META.has(name)) return [];
    if (name === "dynamic") {
      return Object.entries(value as JsonObject).flatMap(([block, item]) =>
        listOf(item).flatMap((dynamic) => below({ [block]: (dynamic as JsonObject).content as Json }, names, path)),
      );
    }
    return below({ [name]: value }, names, path);
  });
}

function below(entry: JsonObject, names: Names, path: string): string[] {
  const [[name, value]] = Object.entries(entry) as [[string, Json]];
  const known = names[name];
  if (known === undefined) return [`${path}.${name}`];
  if (known === null) return [];
  return listOf(value).flatMap((item) =>
    typeof item === "object" && item !== null ? unknownNames(item as JsonObject, known, `${path}.${name}`) : [],
  );
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}
