/** The same work in several regions. */

/**
 * Does it in all of them at once. A region in which it fails keeps the others from nothing: it has the result that `failed` makes of the error.
 *
 * @throws the first error if it fails in every region
 */
export async function inEach<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
  failed: (item: Item, error: Error) => Result,
): Promise<Result[]> {
  const ended = await Promise.allSettled(items.map(run));
  const errors = ended.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  if (errors.length > 0 && errors.length === items.length) throw errors[0];
  return ended.map((one, index) =>
    one.status === "fulfilled" ? one.value : failed(items[index] as Item, one.reason as Error),
  );
}
