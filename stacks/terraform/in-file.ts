/**
 * Files of the emitted modules. A construct says which concern its elements belong to: `inFile(this, "volume", () => createVolume(cell))`. A stack
 * ignores it; `npm run emit` prints them in `volume.tf`. An element's address stays the same, for Terraform reads all files of a folder as one.
 */
import type { IConstruct } from "./cdktf";
import { isOncePerStack } from "./once-per-stack";

/** File of what nobody has put elsewhere, and of all that is looked up once for a module. */
const COMMON = "main";

const files = new WeakMap<IConstruct, string>();

/**
 * Calls `create`. What it declares directly below `scope` goes to one file, with all below that.
 * @param name File's name without `.tf`. An inner call's name wins.
 */
export function inFile<T>(scope: IConstruct, name: string, create: () => T): T {
  const before = new Set(scope.node.children);
  const made = create();
  for (const child of scope.node.children) {
    if (!before.has(child) && !files.has(child) && !isOncePerStack(child)) files.set(child, name);
  }
  return made;
}

/** Name, without `.tf`, of the file that an element stands in: `main` if nobody has said. */
export function fileNameOf(element: IConstruct): string {
  const owner = [...element.node.scopes].reverse().find((scope) => files.has(scope));
  return (owner && files.get(owner)) ?? COMMON;
}
