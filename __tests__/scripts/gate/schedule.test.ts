import { Output, runAll } from "../../../scripts/gate/schedule";

/** Runs steps that end when they are told to; who runs is looked at in between. */
function stage(steps: Parameters<typeof runAll>[0]) {
  const ends = new Map<string, () => void>();
  const results = runAll(steps, async (name) => {
    await new Promise<void>((resolve) => ends.set(name, resolve));
    ends.delete(name);
    return name;
  });
  const running = () => [...ends.keys()];
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise(setImmediate);
  };
  return { results, running, end };
}

test("steps of one processor go in pairs, one of two alone, and one that waits for another lets others by", async () => {
  const { results, running, end } = stage([
    { name: "long" },
    { name: "after", after: ["long"] },
    { name: "wide", processors: 2 },
    { name: "short" },
  ]);
  expect(running()).toEqual(["long", "short"]);
  await end("short");
  expect(running()).toEqual(["long"]);
  await end("long");
  expect(running()).toEqual(["after"]);
  await end("after");
  expect(running()).toEqual(["wide"]);
  await end("wide");
  await expect(results).resolves.toEqual(["long", "after", "wide", "short"]);
});

test("a step that comes after one that is not run does not wait for it", async () => {
  const { running, end, results } = stage([{ name: "only", after: ["elsewhere"] }]);
  expect(running()).toEqual(["only"]);
  await end("only");
  await expect(results).resolves.toEqual(["only"]);
});

test("a step that waits for one behind it, which has no room, is an error and not the end", async () => {
  const steps = [
    { name: "never", after: ["wide"] },
    { name: "wide", processors: 2 as const, after: ["never"] },
  ];
  await expect(runAll(steps, async () => undefined)).rejects.toThrow("never waits for a step that never runs");
});

test("what two print at once is shown one after the other, nothing is lost", () => {
  let shown = "";
  const output = new Output((text) => {
    shown += text;
  });
  const [one, two, three] = [output.begin(), output.begin(), output.begin()];
  two.print("two ");
  one.print("one ");
  expect(shown).toBe("one ");
  three.print("three ");
  two.print("more of two ");
  two.end();
  expect(shown).toBe("one ");
  one.print("more of one ");
  one.end();
  expect(shown).toBe("one more of one two more of two three ");
  three.print("end");
  three.end();
  expect(shown).toBe("one more of one two more of two three end");
});
