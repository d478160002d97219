import { createAgenda } from "../../../lab/aws/agenda";

const START = new Date("2026-11-21T00:00:00Z").getTime();
const second = (n: number) => new Date(START + n * 1000);

test("what is due is done in the order of its time, the rest waits for the clock", async () => {
  let now = second(0);
  const agenda = createAgenda(() => now);
  const done: number[] = [];
  for (const n of [3, 1, 2, 9]) agenda.at(second(n), () => void done.push(n));
  await agenda.settle();
  expect(done).toEqual([]);
  now = second(5);
  await agenda.settle();
  expect(done).toEqual([1, 2, 3]);
  agenda.clear();
  now = second(10);
  await agenda.settle();
  expect(done).toEqual([1, 2, 3]);
});

test("what a task adds is done too where it is due, and settling waits for it", async () => {
  const now = second(5);
  const agenda = createAgenda(() => now);
  const done: string[] = [];
  agenda.at(second(1), async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    done.push("first");
    agenda.at(second(2), () => void done.push("second"));
    agenda.at(second(6), () => void done.push("never"));
  });
  await Promise.all([agenda.settle(), agenda.settle()]);
  expect(done).toEqual(["first", "second"]);
  agenda.clear();
});

test("on the machine's clock nobody has to settle", async () => {
  const agenda = createAgenda(() => new Date());
  await new Promise<void>((resolve) => agenda.at(new Date(Date.now() + 20), resolve));
});
