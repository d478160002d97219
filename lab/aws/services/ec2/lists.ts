/** Common parts of EC2's Describe operations: filters, pages, tags. */
import type { Filter, Tag } from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";

/** Readers of an item's values by filter: the filter is compared with them, and any may match. */
export type FilterReaders<Item> = Readonly<Record<string, (item: Item) => unknown>>;

/**
 * The items that pass all filters, each filter by any of its values; `*` and `?` are wildcards, as in EC2.
 * `tag:KEY`, `tag-key` and `tag-value` work on every item that has Tags.
 *
 * @throws AwsError InvalidParameterValue for a filter that has no reader
 */
export function applyFilters<Item extends { Tags?: Tag[] }>(
  items: readonly Item[],
  filters: readonly Filter[] | undefined,
  readers: FilterReaders<Item>,
): Item[] {
  return (filters ?? []).reduce<Item[]>(
    (kept, { Name = "", Values = [] }) => {
      const read = readers[Name] ?? tagReader(Name);
      if (!read) throw new AwsError("InvalidParameterValue", `The filter '${Name}' is invalid`);
      const patterns = Values.map(wildcard);
      return kept.filter((item) => {
        const values = [read(item)].flat().filter((value) => value !== undefined && value !== null);
        return values.some((value) => patterns.some((pattern) => pattern.test(String(value))));
      });
    },
    [...items],
  );
}

/** One page of items, and the token of the next. Without MaxResults all items come at once. */
export function pageOf<Item>(
  items: readonly Item[],
  request: { MaxResults?: number; NextToken?: string },
  bounds = [5, 1000],
) {
  const [least = 1, most = 1000] = bounds;
  const size = request.MaxResults;
  if (size !== undefined && (size < least || size > most)) {
    const expected = `Expecting a value between ${least} and ${most}`;
    throw new AwsError("InvalidParameterValue", `Value ( ${size} ) for parameter maxResults is invalid. ${expected}.`);
  }
  const start = request.NextToken ? offsetOf(request.NextToken) : 0;
  const end = size === undefined ? items.length : start + size;
  const NextToken = end < items.length ? Buffer.from(`after ${end}`).toString("base64url") : undefined;
  return { page: items.slice(start, end), NextToken };
}

/** Tags as a record. */
export function tagsOf(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** A record as tags. */
export function tagList(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function offsetOf(token: string): number {
  const offset = /^after (\d+)$/.exec(Buffer.from(token, "base64url").toString())?.[1];
  if (!offset) throw new AwsError("InvalidParameterValue", "Value for parameter nextToken is invalid.");
  return Number(offset);
}

function tagReader(name: string): ((item: { Tags?: Tag[] }) => unknown) | undefined {
  if (name === "tag-key") return (item) => item.Tags?.map((tag) => tag.Key);
  if (name === "tag-value") return (item) => item.Tags?.map((tag) => tag.Value);
  const key = name.startsWith("tag:") ? name.slice(4) : undefined;
  return key === undefined ? undefined : (item) => item.Tags?.filter((tag) => tag.Key === key).map((tag) => tag.Value);
}

/** An EC2 filter value as a pattern: `*` any text, `?` one character, a backslash before either means itself. */
function wildcard(value: string): RegExp {
  const source = value.replace(/\\([*?\\])|([*?])|([.+^${}()|[\]\\])/g, (_all, escaped, wild, special) =>
    escaped ? `\\${escaped}` : wild === "*" ? ".*" : wild === "?" ? "." : `\\${special}`,
  );
  return new RegExp(`^${source}$`, "s");
}
