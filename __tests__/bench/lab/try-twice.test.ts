import { tryTwice } from "../../../bench/lab/try-twice";

/** Fails so many times. */
const failing = (times: number) => jest.fn(async () => (--times < 0 ? "done" : Promise.reject(new Error("no boot"))));

test.each([
  [0, "done", 1, []],
  [1, "done", 2, ["gp3: failed, once more: no boot"]],
  [2, "no boot", 2, ["gp3: failed, once more: no boot"]],
])("what fails %d times", async (times, outcome, calls, said) => {
  const lines: string[] = [];
  const attempt = failing(times);
  const ended = await tryTwice(attempt, "gp3", (line) => lines.push(line)).catch((error: Error) => error.message);
  expect([ended, attempt.mock.calls.length, lines]).toEqual([outcome, calls, said]);
});
