/** A stack to put things in, and how Terraform would read a value in it. */
import { TerraformStack, Testing } from "../../stacks/terraform/cdktf";

export function emptyStack(): TerraformStack {
  return new TerraformStack(Testing.app(), "stack");
}

/** The value as it stands in Terraform's JSON. */
export function read(stack: TerraformStack, value: unknown): unknown {
  stack.addOverride("probe", value);
  return (stack.toTerraform() as { probe: unknown }).probe;
}
