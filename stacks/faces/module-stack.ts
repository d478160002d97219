/**
 * A stack that becomes a Terraform module: no provider, no backend. The constructs in it do not know. Never synthesized by an app:
 * `npm run emit` prints `toTerraform()` as HCL and puts the files beside it.
 */
import type { Input } from "../../lib/config/inputs";
import {
  App,
  type Node,
  type TerraformElement,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
  type TerraformVariableConfig,
} from "../terraform/cdktf";
import { LogicalNames } from "../terraform/logical-name";
import { REQUIRED_PROVIDERS, REQUIRED_VERSION } from "./versions";

/** Id of the one construct in a module; adds no prefix to the names below it. */
export const MODULE_CONSTRUCT_ID = "module";

/** Parts of a module variable; `type` is a type expression such as `list(string)`. */
export type ModuleVariable = TerraformVariableConfig & { readonly type: string; readonly description: string };

/** Condition that must hold, an expression, and the message if it does not. */
export interface Rule {
  readonly condition: string;
  readonly errorMessage: string;
}

export class ModuleStack extends TerraformStack {
  /** Its variables as they were declared, for those who describe them. */
  readonly inputs: Input[] = [];

  private readonly names = new LogicalNames(this, MODULE_CONSTRUCT_ID);

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

  /** Declares an output, and what must hold for it to be given. */
  output(name: string, description: string, value: unknown, rules: readonly Rule[] = []): TerraformOutput {
    // An output may be called what a variable is called.
    const output = new TerraformOutput(this, `${name}.output`, { description, value });
    // As an override, for cdktf leaves out the property.
    if (rules.length > 0) {
      const preconditions = rules.map(({ condition, errorMessage }) => ({ condition, error_message: errorMessage }));
      output.addOverride("precondition", preconditions);
    }
    return output;
  }

  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const name = this.names.of(element);
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new Error(
        `"${name}" would be a name in module ${this.node.id}: expected lower-case words joined by _ (style of Terraform)`,
      );
    }
    return name;
  }
}
