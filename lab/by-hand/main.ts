/** `npm run lab`: the lab, driven by hand. One process holds all of it and asks for commands; the lab ends with it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Command, CommanderError } from "commander";
import { withdraw } from "../product/deploy";
import { endLeashed } from "../run/leashed";
import { promptCommands } from "./commands";
import { openWorld, type World } from "./world";

const lab = join(__dirname, "..");
const say = (...lines: readonly string[]) => process.stdout.write(lines.map((line) => `${line.trimEnd()}\n`).join(""));

function runScript(name: string, argv: readonly string[]): void {
  process.exitCode = spawnSync(join(lab, name), argv, { stdio: "inherit" }).status ?? 1;
}

/** Runs one line of the prompt. @returns true if it was the last */
async function obey(program: Command, line: string): Promise<boolean> {
  const words = line.trim().split(/\s+/).filter(Boolean);
  if (words[0] === "down") return true;
  if (words.length === 0) return false;
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    // commander has printed its own errors already.
    if (!(error instanceof CommanderError)) say(error instanceof Error ? error.message : String(error));
  }
  return false;
}

async function up(): Promise<void> {
  say("The lab is set up, and every stack applied by Terraform: a few minutes.");
  let world: World | undefined;
  const end = async () => {
    await endLeashed();
    if (world) await withdraw(world.deployed);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      say("", "ending the lab");
      end().finally(() => process.exit(130));
    });
  }
  world = await openWorld();
  const opened = world;
  say("Up. `help` lists the commands, `down` ends everything.");
  // Made anew for each line: a program remembers what it was given.
  const program = () => promptCommands(() => opened, say);
  const prompt = createInterface({ input: process.stdin, output: process.stdout, terminal: process.stdin.isTTY });
  prompt.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  prompt.setPrompt("lab> ");
  prompt.prompt();
  for await (const line of prompt) {
    if (await obey(program(), line)) break;
    prompt.prompt();
  }
  prompt.close();
  await end();
}

const program = new Command("npm run lab --")
  .description("The lab by hand: machines, volumes and AWS's API on this machine (root; docs/lab.md).")
  .addHelpText(
    "after",
    () =>
      `\nAt the prompt of \`up\`:\n${promptCommands(() => ({}) as World, say)
        .helpInformation()
        .replace(/^[\s\S]*?Commands:\n/, "")}`,
  );
program
  .command("up")
  .description("set the lab up and open a prompt; everything ends with it, also after Ctrl-C or kill -9")
  .action(up);
program
  .command("setup")
  .description("packages, disk images and the registry's images, once; generations of Debian may be named")
  .argument("[generations...]")
  .action((generations: string[]) => runScript("setup", generations));
program
  .command("clean")
  .description("remove what runs have left")
  .option("--all", "runs in use, too")
  .option("--cache", "everything, with the cached images")
  .action(({ all, cache }: { all?: true; cache?: true }) =>
    runScript("clean", cache ? ["--cache"] : all ? ["--all"] : []),
  );
program.parseAsync().then(
  () => process.exit(),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
