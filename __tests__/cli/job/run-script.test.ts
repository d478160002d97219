/** How a job's script is run: its exit code, its streams, and what ends it. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const MODULE = join(process.cwd(), "cli/job/run-script.ts");
const CODE = `require("tsx/cjs"); require(${JSON.stringify(MODULE)}).runBash(process.argv[1], "name", process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error) => console.error(error.code));`;
const argumentsFor = (text: string, ...words: string[]) => ["--eval", CODE, "--", text, ...words];

test.each<[string, string, number]>([
  ["its exit code", "exit 7", 7],
  ["a signal that ended it", "kill -KILL $$", 137],
])("%s is the command's", (_, text, status) => {
  expect(spawnSync(process.execPath, argumentsFor(text)).status).toBe(status);
});

test("streams and words are handed on as they are", () => {
  const text = 'printf "%s|" "$0" "$@"; cat; echo told >&2';
  const ended = spawnSync(process.execPath, argumentsFor(text, "a b", "", "-n"), { input: "in\n", encoding: "utf8" });
  expect([ended.stdout, ended.stderr]).toEqual(["name|a b||-n|in\n", "told\n"]);
});

test("without bash it fails", () => {
  const { stderr } = spawnSync(process.execPath, argumentsFor("exit 0"), { env: { PATH: "/none" }, encoding: "utf8" });
  expect(stderr).toContain("ENOENT");
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s ends the script, not this process before it",
  async (signal) => {
    const text = 'sleep 60 & trap "kill $!; echo cleaned up; exit 9" TERM INT HUP; echo started; wait';
    const child = spawn(process.execPath, argumentsFor(text), { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
      if (said === "started\n") child.kill(signal);
      // What the script has started holds the stream, and ends with it.
      if (said.includes("cleaned up")) child.stdout.destroy();
    });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect([said, code]).toEqual(["started\ncleaned up\n", 9]);
  },
);
