/**
 * Names of resources in Terraform, in both faces: no hashes, so that a plan reads well and moving code renames nothing by accident (R18).
 * A name is the path of construct ids below the stack, joined by `_`. An id `name.kind` counts as `name`: the kind only tells siblings of
 * different types apart, so that `scheduler.role` and `scheduler.policy` become `aws_iam_role.scheduler` and `aws_iam_role_policy.scheduler`.
 */
import { type Node, TerraformDataSource, TerraformElement, type TerraformStack } from "./cdktf";

/** The part of a construct's id that its name is made of. */
function withoutKind(id: string): string {
  return id.split(".", 1)[0]!;
}

/** Kind within which a name must be unique: the resource type, data source type, or the kind of element. */
function kindOf(element: TerraformElement | Node): string {
  const type = (element as { terraformResourceType?: string }).terraformResourceType ?? element.constructor.name;
  return element instanceof TerraformDataSource ? `data.${type}` : type;
}

/** Gives names to the elements of one stack, and none twice: two of one name would be merged into one resource without a word. */
export class LogicalNames {
  private readonly owners = new Map<string, string>();

  /** @param unnamed Id of a construct that counts for nothing: the one that a module consists of. */
  constructor(
    private readonly stack: TerraformStack,
    private readonly unnamed?: string,
  ) {}

  of(element: TerraformElement | Node): string {
    const node = element instanceof TerraformElement ? element.node : element;
    const ids = node.scopes.slice(node.scopes.indexOf(this.stack) + 1).map((scope) => scope.node.id);
    const name = ids
      .filter((id) => id !== this.unnamed)
      .map(withoutKind)
      .join("_")
      .replace(/[^A-Za-z0-9_]/g, "_")
      .replace(/^(?![A-Za-z_])/, "_");
    const address = `${kindOf(element)}.${name}`;
    const owner = this.owners.get(address) ?? node.path;
    if (owner !== node.path) throw new Error(`${address} would name both ${owner} and ${node.path}: change one id`);
    this.owners.set(address, owner);
    return name;
  }
}
