/** A module stack as the text of its Terraform files, unformatted: `terraform fmt` indents and aligns them afterwards. */
import {
  TerraformDataSource,
  TerraformElement,
  TerraformLocal,
  TerraformOutput,
  type TerraformStack,
  TerraformVariable,
} from "../../stacks/terraform/cdktf";
import { commentsOf } from "../../stacks/terraform/comment";
import { fileNameOf } from "../../stacks/terraform/in-file";
import { isOncePerStack } from "../../stacks/terraform/once-per-stack";
import { type BlockNames, block, type Comments, commentLines, printBody } from "./hcl/body";
import type { Json, JsonObject } from "./hcl/expression";
import { printLocals, printMoved, printOutput, printTerraform, printVariable } from "./hcl/interface";

/** Names of nested blocks of resource and data source types, from the provider's schema. */
export interface ProviderBlocks {
  readonly resource: Readonly<Record<string, BlockNames>>;
  readonly data: Readonly<Record<string, BlockNames>>;
}

/** Files by name. */
export type Files = Readonly<Record<string, string>>;

/** Files that have the module's interface and nothing else. */
const INTERFACE = ["variables", "outputs", "versions"];

const TOP_LEVEL = ["//", "terraform", "variable", "output", "locals", "resource", "data", "module", "moved"];

interface Placed {
  /** Path of the construct that declared it. */
  readonly path: string;
  readonly lines: string[];
}

/** Reads the path of the construct that made a resource; cdktf writes it beside the arguments. */
function pathOf(body: JsonObject, where: string): string {
  const path = (body["//"] as { metadata?: { path?: unknown } } | undefined)?.metadata?.path;
  if (typeof path !== "string") throw new Error(`${where}: no construct path beside it`);
  return path;
}

function blocksOfKind(
  kind: "resource" | "data",
  json: JsonObject,
  schema: ProviderBlocks,
  comments: ReadonlyMap<string, Comments>,
): Placed[] {
  return Object.entries((json[kind] ?? {}) as JsonObject).flatMap(([type, byName]) => {
    const names = schema[kind][type];
    if (names === undefined) {
      throw new Error(
        `no block names for ${kind} ${type}: run \`npm run emit:schema\` where Terraform has its provider`,
      );
    }
    return Object.entries(byName as JsonObject).map(([name, value]) => {
      const body = value as JsonObject;
      const path = pathOf(body, `${type}.${name}`);
      const own = comments.get(path) ?? new Map();
      const printed = block(`${kind} "${type}" "${name}"`, printBody(body, names, `${type}.${name}`, own));
      return { path, lines: [...commentLines(own.get("")), ...printed] };
    });
  });
}

/** Calls of other modules; all their arguments are attributes. */
function callsOf(json: JsonObject, comments: ReadonlyMap<string, Comments>): Placed[] {
  return Object.entries((json.module ?? {}) as JsonObject).map(([name, value]) => {
    const body = value as JsonObject;
    const path = pathOf(body, `module.${name}`);
    const own = comments.get(path) ?? new Map();
    const printed = block(`module "${name}"`, printBody(body, {}, `module.${name}`, own));
    return { path, lines: [...commentLines(own.get("")), ...printed] };
  });
}

/** Blocks with an empty line between. */
function fileOf(blocks: readonly (readonly string[])[]): string {
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

interface Element {
  readonly path: string;
  readonly comments: Comments;
  /** Name, without `.tf`, of the file that it stands in. */
  readonly file: string;
  /** Name of a local value, or undefined for everything else. */
  readonly local?: string;
}

/** Lookups of the place itself come first; then, as declared, what is looked up in it. */
const PLACE = ["aws_region", "aws_caller_identity", "aws_partition", "aws_service_principal"];

function lookupRank(node: TerraformElement): number {
  const at = PLACE.indexOf((node as TerraformDataSource).terraformResourceType);
  return at < 0 ? PLACE.length : at;
}

/**
 * Elements in the order in which they are printed: as the constructs were declared, so that what they group stays together. Lookups in AWS that are
 * made once for all, and the local values made of them, come first.
 */
function elementsOf(stack: TerraformStack): Element[] {
  const all = stack.node.findAll().filter((node) => node instanceof TerraformElement);
  // Variables and outputs have files of their own and part no neighbours.
  const isInterface = (node: TerraformElement) => node instanceof TerraformVariable || node instanceof TerraformOutput;
  const once = all.filter(isOncePerStack);
  const lookups = once
    .filter((node) => node instanceof TerraformDataSource)
    .sort((a, b) => lookupRank(a) - lookupRank(b));
  const locals = once.filter((node) => node instanceof TerraformLocal);
  const first: TerraformElement[] = [...all.filter(isInterface), ...lookups, ...locals];
  const sorted = [...first, ...all.filter((node) => !first.includes(node))];
  return sorted.map((node) => ({
    path: node.node.path,
    comments: commentsOf(node),
    file: fileNameOf(node),
    ...(node instanceof TerraformLocal && { local: node.friendlyUniqueId }),
  }));
}

/** One `locals` block for each run of neighbours in one file. */
function localsBlocks(json: JsonObject, elements: readonly Element[]): Placed[] {
  const runs: Element[][] = [];
  const byFile = [...new Set(elements.map(({ file }) => file))].flatMap((name) =>
    elements.filter(({ file }) => file === name),
  );
  byFile.forEach((element, index) => {
    if (element.local === undefined) return;
    const before = byFile[index - 1];
    if (before?.local === undefined || before.file !== element.file) runs.push([]);
    runs.at(-1)?.push(element);
  });
  return runs.map((run) => ({
    path: (run[0] as Element).path,
    lines: printLocals(
      run.map(({ local, comments }) => ({
        name: local as string,
        value: (json.locals as JsonObject)[local as string] as Json,
        comment: comments.get(""),
      })),
    ),
  }));
}

/** Texts of the files that elements were put into, and of `main.tf`, which has the `moved` blocks too. */
function concerns(placed: readonly Placed[], elements: readonly Element[], moved: readonly string[][]): Files {
  const files = new Map<string, string[][]>([["main", []]]);
  const fileOfPath = new Map(elements.map(({ path, file }) => [path, file]));
  for (const { path, lines } of placed) {
    const file = fileOfPath.get(path) as string;
    if (INTERFACE.includes(file)) throw new Error(`${path}: ${file}.tf has no resources, data sources or local values`);
    files.set(file, [...(files.get(file) ?? []), lines]);
  }
  files.get("main")?.push(...moved);
  return Object.fromEntries([...files].map(([file, blocks]) => [`${file}.tf`, fileOf(blocks)]));
}

/**
 * Prints `variables.tf`, `outputs.tf`, `versions.tf`, and the files that `inFile` names, `main.tf` for what it names none; throws on anything it
 * does not know.
 */
export function moduleText(stack: TerraformStack, schema: ProviderBlocks): Files {
  const json = stack.toTerraform() as JsonObject;
  const unknown = Object.keys(json).filter((key) => !TOP_LEVEL.includes(key));
  if (unknown.length > 0) throw new Error(`${stack.node.id}: not supported in a module: ${unknown.join(", ")}`);
  const elements = elementsOf(stack);
  const comments = new Map(elements.map((element) => [element.path, element.comments]));
  const order = new Map(elements.map((element, index) => [element.path, index]));
  const placed = [
    ...localsBlocks(json, elements),
    ...blocksOfKind("data", json, schema, comments),
    ...blocksOfKind("resource", json, schema, comments),
    ...callsOf(json, comments),
  ].sort((a, b) => (order.get(a.path) ?? 0) - (order.get(b.path) ?? 0));
  const named = (key: string) => Object.entries((json[key] ?? {}) as JsonObject) as [string, JsonObject][];
  const commentOf = (id: string) => comments.get(`${stack.node.path}/${id}`) ?? new Map();
  return {
    ...concerns(placed, elements, printMoved((json.moved ?? []) as JsonObject[])),
    "variables.tf": fileOf(named("variable").map(([name, body]) => printVariable(name, body, commentOf(name)))),
    "outputs.tf": fileOf(named("output").map(([name, body]) => printOutput(name, body, commentOf(`${name}.output`)))),
    "versions.tf": fileOf([printTerraform((json.terraform ?? {}) as JsonObject)]),
  };
}
