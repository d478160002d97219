/** Pages to lists, filters to the SDK's, errors to codes. */
import type { Filter } from "@aws-sdk/client-ec2";
import type { Filters } from "../ports";

/** All items of all pages. */
export async function flatten<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of pages) for (const item of items(page) ?? []) all.push(item);
  return all;
}

export function toFilters(filters: Filters): Filter[] {
  return Object.entries(filters).map(([Name, values]) => ({ Name, Values: [...values] }));
}

/** AWS's error code, e.g. `InvalidSnapshot.NotFound`. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** Returns the call's result, or the other value if AWS says that something does not exist. */
export async function unlessGone<T>(call: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (/NotFound(Exception)?$/.test(codeOf(error))) return otherwise;
    throw error;
  }
}
