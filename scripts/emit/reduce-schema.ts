/**
 * The names of nested blocks of the resource and data source types that modules use, from `terraform providers schema -json`. cdktf's bindings
 * disagree with the providers about blocks in places.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockNames } from "./hcl/body";
import type { JsonObject } from "./hcl/expression";
import type { ProviderBlocks } from "./module-text";

interface Block {
  readonly attributes?: Readonly<Record<string, { readonly type?: unknown }>>;
  readonly block_types?: Readonly<Record<string, { readonly block: Block }>>;
}
type Schemas = Readonly<Record<string, { readonly block: Block }>>;
interface ProviderSchemas {
  readonly provider_schemas: Readonly<
    Record<string, { readonly resource_schemas?: Schemas; readonly data_source_schemas?: Schemas }>
  >;
}

/** True if Terraform takes an attribute's value as blocks too: a list or set of objects, of the older kind of provider. */
function isBlockLike(type: unknown): boolean {
  return Array.isArray(type) && ["list", "set"].includes(type[0]) && Array.isArray(type[1]) && type[1][0] === "object";
}

/** Names of the blocks in a block, sorted, and of theirs. */
export function blockNames(block: Block): BlockNames {
  const like = Object.entries(block.attributes ?? {}).filter(([, { type }]) => isBlockLike(type));
  const names: [string, BlockNames | "attribute"][] = [
    ...like.map(([name]) => [name, "attribute"] as [string, "attribute"]),
    ...Object.entries(block.block_types ?? {}).map(
      ([name, nested]) => [name, blockNames(nested.block)] as [string, BlockNames],
    ),
  ];
  return Object.fromEntries(names.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Asks Terraform for the schemas of providers; each is `{ source, version }`. */
export function providerSchemas(requiredProviders: JsonObject): ProviderSchemas {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-schema-"));
  try {
    // Terraform shows the schema of its own provider only if something uses it.
    const root = { terraform: { required_providers: requiredProviders }, resource: { terraform_data: { any: {} } } };
    writeFileSync(join(folder, "main.tf.json"), JSON.stringify(root));
    execFileSync("terraform", ["init", "-input=false", "-no-color"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const printed = execFileSync("terraform", ["providers", "schema", "-json"], { cwd: folder, maxBuffer: 2 ** 28 });
    return JSON.parse(printed.toString("utf8")) as ProviderSchemas;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The block names of the types that the given modules (as `toTerraform()` gives them) use. */
export function reduceSchemas(schemas: ProviderSchemas, modules: readonly JsonObject[]): ProviderBlocks {
  const providers = Object.values(schemas.provider_schemas);
  const reduce = (kind: "resource" | "data") => {
    const types = new Set(modules.flatMap((module) => Object.keys((module[kind] ?? {}) as JsonObject)));
    const key = kind === "resource" ? "resource_schemas" : "data_source_schemas";
    return Object.fromEntries(
      [...types].sort().map((type) => {
        const schema = providers.map((provider) => provider[key]?.[type]).find((found) => found !== undefined);
        if (schema === undefined) throw new Error(`no provider has ${kind} ${type}`);
        return [type, blockNames(schema.block)];
      }),
    );
  };
  return { resource: reduce("resource"), data: reduce("data") };
}
