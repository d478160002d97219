/** Elements that a stack or module has once, however many constructs ask for them. */
import { type IConstruct, TerraformStack } from "./cdktf";

/** Each element, with the construct that the first asker had declared last before. */
const askedAfter = new WeakMap<IConstruct, IConstruct | undefined>();

/** The element with this id directly below the stack, made by `create` when it is first asked for. */
export function oncePerStack<T extends IConstruct>(
  scope: IConstruct,
  id: string,
  create: (at: TerraformStack, id: string) => T,
): T {
  const stack = TerraformStack.of(scope);
  const known = stack.node.tryFindChild(id) as T | undefined;
  if (known !== undefined) return known;
  const neighbour = scope.node.children.at(-1);
  const made = create(stack, id);
  askedAfter.set(made, neighbour);
  return made;
}

/** Returns true if {@link oncePerStack} made the element. */
export function isOncePerStack(element: IConstruct): boolean {
  return askedAfter.has(element);
}

/** Returns the construct that the first asker had declared last before it asked for the element, or undefined if there is none. */
export function neighbourOf(element: IConstruct): IConstruct | undefined {
  return askedAfter.get(element);
}
