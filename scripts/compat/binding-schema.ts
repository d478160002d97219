/**
 * The schema of a provider as its bindings for cdktf tell it, for versions whose provider itself is not at hand. Bindings are generated from the
 * provider's own schema. They tell names, types and nesting of arguments, which must be given, and what can be read. They do not tell values that are
 * refused (enumerations, ranges, conflicts), defaults, and what a change replaces.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** An argument or a block. */
export interface Argument {
  /** `string`, `number`, `boolean`, a collection such as `set of stringList`, or `block` and `blocks` (one at most, or any number). */
  readonly type: string;
  readonly required: boolean;
  /** Arguments in a block, or null if nothing is known of them. */
  readonly below: Arguments | null;
}

export interface Arguments {
  readonly [name: string]: Argument;
}

export interface Schema {
  readonly arguments: Arguments;
  /** Types of all that can be read, by name. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface Source {
  readonly code: string;
  /** Its declarations, `.d.ts`. */
  readonly declared: string;
}

const ENTRY =
  /^ +(\w+): \{\n +value: (.*),\n +isBlock: (true|false),\n +type: "(\w+)",\n +storageClassType: "(\w+)",$/gm;

/**
 * @param bindings Folder of the provider's bindings, `node_modules/@cdktf/provider-aws`.
 * @param kind and type of a resource or data source, e.g. `data` and `aws_region`
 */
export function bindingSchema(bindings: string, kind: "resource" | "data", type: string): Schema {
  const [prefix, ...rest] = type.split("_");
  const folder = join(bindings, "lib", `${kind === "data" ? `data-${prefix}-` : ""}${rest.join("-")}`);
  if (!existsSync(folder)) throw new Error(`the bindings have no ${kind} ${type}`);
  const read = (extension: string) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(extension))
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("\n");
  const source = { code: read(".js"), declared: read(".d.ts") };
  const name = /^export interface (\w+) extends \w+\.TerraformMetaArguments \{/m.exec(source.declared)?.[1];
  if (name === undefined) throw new Error(`the bindings of ${kind} ${type} declare no arguments`);
  return {
    arguments: argumentsIn(source, "    synthesizeHclAttributes() {", name),
    attributes: attributesIn(source.code, name.replace(/Config$/, "")),
  };
}

/** From `head` to the bracket that closes it, indented alike. */
function body(source: string, head: string): string {
  const start = source.indexOf(head);
  if (start < 0) throw new Error(`no ${head.trim()} in the bindings`);
  const indentation = /^ */.exec(head)?.[0];
  return source.slice(start, source.indexOf(`\n${indentation}}`, start));
}

/** @param declaration the interface that says which must be given */
function argumentsIn(source: Source, head: string, declaration: string): Arguments {
  const required = requiredIn(source.declared, declaration);
  const entries = [...body(source.code, head).matchAll(ENTRY)].map(
    ([, name = "", value = "", isBlock, type, storage]) => {
      const nested = /(?<![.\w])(\w+)ToHclTerraform\b/.exec(value)?.[1];
      const below =
        nested === undefined
          ? null
          : argumentsIn(
              source,
              `function ${nested}ToHclTerraform(struct) {`,
              nested[0]?.toUpperCase() + nested.slice(1),
            );
      return [
        name,
        { type: typeOf(value, isBlock === "true", type, storage), required: required.has(name), below },
      ] as const;
    },
  );
  return Object.fromEntries(entries);
}

function typeOf(value: string, isBlock: boolean, type = "", storage = ""): string {
  if (isBlock) return /listMapperHcl/.test(value) ? "blocks" : "block";
  return type === "simple" ? storage : `${type} of ${storage}`;
}

/** Names of the properties without a question mark; each property's documentation ends with its name in Terraform. */
function requiredIn(declared: string, declaration: string): ReadonlySet<string> {
  const text = body(declared, `export interface ${declaration} `);
  const properties = text.matchAll(/#(\w+)\}(?:(?!\*\/)[\s\S])*\*\/\s+readonly \w+(\??):/g);
  return new Set([...properties].flatMap(([, name = "", optional]) => (optional === "?" ? [] : [name])));
}

/** Getters of the resource's class: those that read a value, and those of blocks. */
function attributesIn(code: string, className: string): Readonly<Record<string, string>> {
  const text = body(code, `class ${className} extends `);
  const values = [...text.matchAll(/return (?:\w+\.Fn\.\w+\()?this\.get(\w+)Attribute\('(\w+)'\)/g)].map(
    ([, type = "", name = ""]) => [name, type] as const,
  );
  const complex = [...text.matchAll(/new (\w+?)(?:List|Map|OutputReference)\(this, "(\w+)"/g)].map(
    ([, , name = ""]) => [name, "block"] as const,
  );
  return Object.fromEntries([...values, ...complex]);
}
