import { promptCommands } from "../../../lab/by-hand/commands";
import type { World } from "../../../lab/by-hand/world";

/** A lab of which nothing runs: enough for what needs no machine. */
function prompt() {
  const world = { deployed: { cloud: { machines: new Map() } } } as unknown as World;
  const said: string[] = [];
  const program = promptCommands(
    () => world,
    (...lines) => void said.push(...lines),
  );
  return { world, said, obey: (line: string) => program.parseAsync(line.split(" "), { from: "user" }) };
}

test("help lists what a person can do", () => {
  const text = promptCommands(
    () => ({}) as World,
    () => {},
  ).helpInformation();
  for (const command of [
    "build",
    "worker",
    "run",
    "shell",
    "snapshots",
    "break-power",
    "break-volume",
    "break-snapshot",
    "break-registry",
    "down",
  ])
    expect(text).toMatch(new RegExp(`^ +${command}\\b`, "m"));
});

test("the registry misbehaves until it is mended", async () => {
  const { world, said, obey } = prompt();
  await obey("break-registry busy");
  expect(world.fault).toEqual({ kind: "status", status: 429 });
  await obey("break-registry mend");
  expect(world.fault).toBeUndefined();
  expect(said).toEqual(["the registry will busy", "the registry answers"]);
  await expect(obey("break-registry slowly")).rejects.toThrow("expected refuse, stall, truncate, busy; found slowly");
});

test("mistakes are said and end nothing", async () => {
  const { said, obey } = prompt();
  await expect(obey("biuld")).rejects.toThrow();
  expect(said.join("\n")).toContain("Did you mean build?");
  await expect(obey("console")).rejects.toThrow("no machine: `worker` or `build` boots one");
  await obey("machines");
  expect(said.at(-1)).toBe("none");
});
