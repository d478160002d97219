/** Facts of a request, by IAM's condition keys. */
import type { ReadKey } from "./policy";

export type Tags = Readonly<Record<string, string>>;

/** The facts of a request about one resource. */
export interface Facts {
  /** The resource's tags: `aws:ResourceTag`. */
  readonly resourceTags?: Tags;
  /** The tags that the request writes to the resource: `aws:RequestTag`, and `aws:TagKeys` by their keys. */
  readonly requestTags?: Tags;
  /** All other keys that the service knows for this action; undefined if the request lacks the key. */
  readonly keys?: Readonly<Record<string, string | undefined>>;
}

/** Names of keys, tag keys in them too, are not case-sensitive; values are. */
function find(values: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.entries(values).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Reads keys from facts; a key that they do not speak of is an error, not a key that the request lacks. */
export function readerOf({ resourceTags = {}, requestTags = {}, keys = {} }: Facts): ReadKey {
  const one = (value: string | undefined) => (value === undefined ? undefined : [value]);
  return (key) => {
    const lower = key.toLowerCase();
    const [prefix = "", ...tag] = lower.split("/");
    const tagKey = tag.join("/");
    if (/^(?:aws|ec2|ecr):resourcetag$/.test(prefix)) return one(find(resourceTags, tagKey));
    if (prefix === "aws:requesttag") return one(find(requestTags, tagKey));
    if (lower === "aws:tagkeys") return Object.keys(requestTags);
    if (Object.keys(keys).some((name) => name.toLowerCase() === lower)) return one(find(keys, lower));
    throw new Error(`the condition key ${key} is not known here for this call`);
  };
}
