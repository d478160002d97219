/** Findings of checkov against what is allowed to fail: the caches' stacks and the companions' each have a list of their own. */
import type { Exception } from "./exceptions";

/** A check that a resource fails, as checkov reports it. */
export interface Failure {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
  /** Of the stack, e.g. `/stacks/docker-cache-worker-eu-west-1/cdk.tf.json`. */
  readonly file_path: string;
}

/** A list of exceptions and its bounds. */
export interface Allowance {
  /** Whose stacks, for messages. */
  readonly whose: string;
  readonly exceptions: readonly Exception[];
  /** Most exceptions of the list that fail with a customer key too. */
  readonly most: number;
  /** File that has the list. */
  readonly file: string;
}

/** Returns the problems with the failures of one run, in lines. Empty if there are none. */
export function complaints(found: readonly Failure[], withKey: boolean, { exceptions, file }: Allowance): string[] {
  const allowed = exceptions.filter(({ unless }) => !withKey || unless === undefined).map(({ id }) => id);
  const unexpected = found.filter(({ check_id }) => !allowed.includes(check_id));
  const unused = allowed.filter((id) => !found.some(({ check_id }) => check_id === id));
  return [
    ...unexpected.map(
      ({ check_id, check_name, resource, file_path }) => `${check_id} ${check_name}: ${resource} (${file_path})`,
    ),
    ...unused.map((id) => `${id} stands in ${file} but nothing fails it any more: remove it`),
  ];
}

/** Returns the problems with a list itself. */
export function bounds({ whose, exceptions, most }: Allowance): string[] {
  const lasting = exceptions.filter(({ unless }) => unless === undefined).length;
  return lasting > most ? [`${lasting} exceptions of ${whose}: at most ${most} are wanted`] : [];
}

/** The failures in stacks of companions, and the others. `companions` are the names of nouns. */
export function byOwner(
  found: readonly Failure[],
  companions: readonly string[],
): { companions: Failure[]; caches: Failure[] } {
  const isCompanion = ({ file_path }: Failure) => companions.some((noun) => isOf(noun, file_path));
  return { companions: found.filter(isCompanion), caches: found.filter((failure) => !isCompanion(failure)) };
}

/** Returns the nouns of which no stack is among the files that checkov looked at, in lines. Files are as in {@link Failure}. */
export function unscanned(files: readonly string[], nouns: readonly string[]): string[] {
  const without = nouns.filter((noun) => !files.some((file) => isOf(noun, file)));
  return without.map((noun) => `${noun}: no stack of it was scanned; a companion's \`example\` has to give it one`);
}

/** True if a file, as in {@link Failure}, is of a noun's stack. */
function isOf(noun: string, file: string): boolean {
  return new RegExp(`^/stacks/docker-cache-${noun}-[a-z]{2}-[a-z-]+-\\d+/`).test(file);
}
