import { setImmediate } from "node:timers/promises";
import { inParallel } from "../../lib/in-parallel";

test("results are in the order of the items, however long each takes; never more at a time than said", async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([3, 1, 2, 0], 2, async (turns) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    running--;
    return turns * 10;
  });
  expect([results, most]).toEqual([[30, 10, 20, 0], 2]);
});

test("after a failure no further one is begun", async () => {
  const begun: number[] = [];
  const run = async (item: number) => {
    begun.push(item);
    await setImmediate();
    if (item === 1) throw new Error("one");
  };
  await expect(inParallel([1, 2, 3, 4], 2, run)).rejects.toThrow("one");
  await setImmediate();
  expect(begun).toEqual([1, 2]);
});

test("nothing to do is done", async () => {
  await expect(inParallel([], 4, () => Promise.reject(new Error("never")))).resolves.toEqual([]);
});
