/**
 * The sample, and one of everything that terraform-docs has a rule for. `__tests__/fixtures/terraform-docs` has its formatted `variables.tf`, and what
 * `terraform-docs markdown table --lockfile=false --output-file README.md .` of version 0.24.0 wrote beside its files.
 */
import type { ModuleStack } from "../../../stacks/faces/module-stack";
import { hcl } from "../../../stacks/terraform/expression";
import { TerraformData } from "../../../stacks/terraform/terraform-data";
import { resource, sampleModule } from "./sample-module";

export function documentedModule(): ModuleStack {
  const module = sampleModule();
  new TerraformData(module, "generation", hcl`var.count_of_all`);
  resource(module, "policy", "aws_iam_role_policy_attachment", {});
  const variable = (name: string, type: string, description: string, standard?: unknown) =>
    module.variable(name, { type, description, default: standard as never });
  variable("count_of_all", "number", "Like `c_d|e` but a_b, <b>, *this* and x | y.", 0.5);
  variable("anything", "any", "Whatever it_is.\n\n`one`: first.\n- second: `x`\n", {
    zone: ["b", "a"],
    empty: {},
    none: null,
    at: { "x-y.z": 'a "quoted" <b> & c', count: 3 },
  });
  variable("empty", "string", "Empty.", "");
  variable("never", "bool", "Never.", false);
  variable("names", "list(string)", "Names.", ["a", "b"]);
  variable("nothing", "list(string)", "None.", []);
  variable("rules", "list(object({ host = string, port = optional(number, 443), path = optional(string) }))", "Rules.");
  variable(
    "deep",
    "object({ first = optional(object({ inner_one = optional(string), two = optional(list(string), []) }), {}), second_one = string })",
    "Deep.",
  );
  module.output("role_arn", "ARN of `a_b` and c_d.", "x");
  return module;
}

/** Names of nested blocks of the types that it has beside the sample's. */
export const DOCUMENTED_BLOCKS = { terraform_data: {}, aws_iam_role_policy_attachment: {} };
