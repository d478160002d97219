/**
 * Files that travel with the Terraform code: the static scripts and the rotation function. Both faces list them here and refer to
 * them as `${path.module}/…`, which holds no path of a machine. A stack writes them beside its cdk.tf.json, a module beside its
 * main.tf.
 */
import { type IConstruct, TerraformStack } from "./cdktf";
import { str } from "./expression";

/** Text, or bytes. */
export type FileContent = string | Buffer;

const filesByStack = new WeakMap<TerraformStack, Map<string, FileContent>>();

/** Files to write beside the stack's Terraform code: path below it → content. */
export function filesOf(stack: TerraformStack): ReadonlyMap<string, FileContent> {
  return filesByStack.get(stack) ?? new Map();
}

/**
 * Lets a file travel with the stack or module that `scope` is in. The same file may be asked for many times.
 * @param path below the stack's folder, with `/`, e.g. `userdata/worker.sh`
 * @returns the path as Terraform sees it, for `file()` and the like
 */
export function fileBeside(scope: IConstruct, path: string, content: FileContent): string {
  const stack = TerraformStack.of(scope);
  const files = filesByStack.get(stack) ?? new Map<string, FileContent>();
  const known = files.get(path);
  if (known !== undefined && known !== content && !Buffer.from(known).equals(Buffer.from(content)))
    throw new Error(`two files want the path ${path} in ${stack.node.id}`);
  files.set(path, content);
  filesByStack.set(stack, files);
  return besideStack(path);
}

/** A path below the stack's or module's folder, as Terraform sees it. */
export function besideStack(path: string): string {
  return `${str`path.module`}/${path}`;
}
