/** A place in which two synthesized programs differ, and whether the difference only names a version. */

export interface Difference {
  /** Keys joined by dots. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly isVersion: boolean;
}

/** cdktf writes its own version beside what it makes, and the provider's if nobody has said a range. */
const VERSION = /\.\/\/\.metadata\.version$|\.required_providers\.\w+\.version$/;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Every leaf that differs, in the order of the first. */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (!isObject(before) || !isObject(after)) {
    return Object.is(before, after) ? [] : [{ path, before, after, isVersion: VERSION.test(path) }];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => differences(before[key], after[key], `${path}.${key}`));
}
