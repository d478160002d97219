import { setImmediate } from "node:timers/promises";
import { createLimit } from "../../cli/limit";

test("calls wait for their turn, in their order, and one that fails gives up its place", async () => {
  const limit = createLimit(2);
  let [running, most] = [0, 0];
  const begun: number[] = [];
  const call = (number: number) =>
    limit(async () => {
      begun.push(number);
      most = Math.max(most, ++running);
      await setImmediate();
      running--;
      if (number === 1) throw new Error("refused");
      return number;
    });
  const ended = await Promise.allSettled([0, 1, 2, 3, 4].map(call));
  expect(ended.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).message))).toEqual([
    0,
    "refused",
    2,
    3,
    4,
  ]);
  expect([begun, most]).toEqual([[0, 1, 2, 3, 4], 2]);
  await expect(call(5)).resolves.toBe(5);
});
