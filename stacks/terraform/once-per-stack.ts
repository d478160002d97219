/** Elements that a stack or module has once, however many constructs ask for them. */
import { type IConstruct, TerraformStack } from "./cdktf";

const elements = new WeakSet<IConstruct>();

/** The element with this id directly below the stack, made by `create` when it is first asked for. */
export function oncePerStack<T extends IConstruct>(
  scope: IConstruct,
  id: string,
  create: (at: TerraformStack, id: string) => T,
): T {
  const stack = TerraformStack.of(scope);
  const known = stack.node.tryFindChild(id) as T | undefined;
  if (known !== undefined) return known;
  const made = create(stack, id);
  elements.add(made);
  return made;
}

/** Returns true if {@link oncePerStack} made the element. */
export function isOncePerStack(element: IConstruct): boolean {
  return elements.has(element);
}
