/**
 * A stack that becomes a Terraform module: no provider, no backend, names without hashes. The constructs do not know; they ask
 * {@link inModule} only where a file lies elsewhere. Never synthesized by an app: `npm run emit` prints `toTerraform()` as HCL.
 */
import {
  App,
  type Construct,
  type Node,
  TerraformElement,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
  type TerraformVariableConfig,
} from "./cdktf";
import { kindOf, withoutKind } from "./logical-name";

/** Id of the one construct in a module; adds no prefix to the names below it. */
export const MODULE_CONSTRUCT_ID = "module";

/** Lower-bound ranges, for modules are composed with others; the upper bound is the next major version that nobody has tried. */
const REQUIRED_PROVIDERS = {
  aws: { source: "hashicorp/aws", version: ">= 5.100.0, < 7.0.0" },
  archive: { source: "hashicorp/archive", version: ">= 2.4.0, < 3.0.0" },
} as const;

/** Terraform 1.5: `validation` with functions on optional object attributes, preconditions, `check` blocks. */
const REQUIRED_VERSION = ">= 1.5.0";

/** What a module variable is made of; `type` is a type expression such as `list(string)`. */
export type ModuleVariable = TerraformVariableConfig & { readonly type: string; readonly description: string };

export class ModuleStack extends TerraformStack {
  private readonly taken = new Map<string, string>();

  /** @param noun Name of the module's folder. */
  constructor(noun: string, providers: readonly (keyof typeof REQUIRED_PROVIDERS)[] = ["aws"]) {
    super(new App({ stackTraces: false }), noun);
    this.addOverride("terraform", {
      required_version: REQUIRED_VERSION,
      required_providers: Object.fromEntries(providers.map((name) => [name, REQUIRED_PROVIDERS[name]])),
    });
  }

  /** Declares a variable. */
  variable(name: string, { default: standard, ...config }: ModuleVariable): TerraformVariable {
    const variable = new TerraformVariable(this, name, config);
    // As an override, for as a property cdktf drops null and rewrites the keys of objects to snake case.
    if (standard !== undefined) variable.addOverride("default", standard);
    return variable;
  }

  /** Declares an output. */
  output(name: string, description: string, value: unknown): TerraformOutput {
    return new TerraformOutput(this, name, { description, value });
  }

  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const node = element instanceof TerraformElement ? element.node : element;
    const path = node.scopes.slice(node.scopes.indexOf(this) + 1).map((scope) => scope.node.id);
    const name = path
      .filter((id) => id !== MODULE_CONSTRUCT_ID)
      .map(withoutKind)
      .join("_")
      .replaceAll("-", "_");
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new Error(
        `${node.path}: ids of constructs become Terraform names: expected lower-case words, found "${name}"`,
      );
    }
    const address = `${kindOf(element)}.${name}`;
    const other = this.taken.get(address);
    // Two of one name would be merged into one resource without a word.
    if (other !== undefined && other !== node.path) throw new Error(`${address} is both ${other} and ${node.path}`);
    this.taken.set(address, node.path);
    return name;
  }
}

/** Whether a construct stands in a module, whose files lie beside it under `path.module`. */
export function inModule(construct: Construct): boolean {
  return TerraformStack.of(construct) instanceof ModuleStack;
}
