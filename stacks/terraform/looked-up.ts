/**
 * An attribute of a resource, for a lookup of something about it. Terraform puts a lookup off until the apply while a resource that its arguments name has
 * changes, and does not look through local values.
 *
 * Source: "Data resource behavior" in Terraform's language reference.
 */
import { type Construct, TerraformLocal } from "./cdktf";
import { comment } from "./comment";

export function lookedUp(scope: Construct, name: string, attribute: string): string {
  const local = new TerraformLocal(scope, `${name}.local`, attribute);
  return comment(local, "A local value, so that what is looked up of it is known while it has changes.").asString;
}
