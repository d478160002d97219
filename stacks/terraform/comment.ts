/**
 * Comments for the emitted modules. cdktf keeps none, so an author writes them beside the resource:
 * `comment(volume, "Lives on between builds, so that pulls are deltas.")`. A stack ignores them; `npm run emit` prints them.
 */
import type { IConstruct } from "./cdktf";

const comments = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Attaches a comment to a resource, data source, variable or output, or to one attribute or nested block of it. Says why, not what.
 * @param attribute Terraform name of the attribute or block, e.g. `lifecycle`; without it the comment stands above the whole block.
 */
export function comment<T extends IConstruct>(element: T, text: string, attribute = ""): T {
  const own = comments.get(element) ?? new Map<string, string>();
  own.set(attribute, text);
  comments.set(element, own);
  return element;
}

/** The comments of an element by attribute; the one of the whole under the empty name. */
export function commentsOf(element: IConstruct): ReadonlyMap<string, string> {
  return comments.get(element) ?? new Map();
}
