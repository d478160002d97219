/** Commands and options: what there is to say on the command line, in one place. Each command runs from a file of its own. */
const { Command, CommanderError, Option } = require("commander");

/** Exit codes: done; failed or refused; not understood. */
const OK = 0;
const FAILED = 1;
const USAGE = 2;

const DRY_RUN = ["-n, --dry-run", "show what would be done, and do nothing"];
const JSON_OUTPUT = ["--json", "print one JSON document instead of lines"];

/** A command that selects caches; its action is `run` of the file `commands/<name>.ts`. */
function add(program, usage, summary, { mutates = true, examples = [] } = {}) {
  const command = program.command(usage).summary(summary).description(summary);
  const name = command.name();
  command
    .option("--cache <name>", "only this cache of the configuration file")
    .option("--name <name>", "this cache, without a configuration file: settings are read from its deployed function")
    .addOption(new Option("--architecture <architecture>", "only this architecture").choices(["x86_64", "arm64"]))
    .option("--region <region>", "only this region")
    .option(...JSON_OUTPUT);
  if (mutates) command.option(...DRY_RUN);
  if (examples.length > 0) command.addHelpText("before", `${examples.map((line) => `  ${line}`).join("\n")}\n`);
  command.action((...args) => run(name, args.slice(0, -2), args.at(-2)));
  return command;
}

/** Loads the command and runs it; its promise is the exit code. */
async function run(name, positional, options) {
  if (!options.json) process.stderr.write(`docker-cache ${name}: reading\n`);
  require("tsx/cjs");
  const { runCommand } = require("./run-command.ts");
  process.exitCode = await runCommand(name, require(`./commands/${name}.ts`).run, positional, options);
}

function createProgram() {
  const program = new Command("docker-cache");
  program
    .description("Docker images on EBS snapshots: operate what the builder, rotation and worker stacks deployed.")
    .version(require("../package.json").version)
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError("(docker-cache --help lists the commands)");
  add(program, "status", "what is promoted where, and what is left over", {
    mutates: false,
    examples: ["docker-cache status", "docker-cache status --cache ci --json"],
  });
  add(program, "build", "start a builder now", {
    examples: ["docker-cache build --cache ci --wait"],
  }).option("--wait", "stay until it has ended, and fail if it did");
  add(program, "rotate", "do what the rotation function does, from here", {
    examples: ["docker-cache rotate --dry-run", "docker-cache rotate --region eu-west-1 --json"],
  });
  add(program, "promote <snapshot>", "promote this snapshot and keep it promoted until unpin", {
    examples: ["docker-cache promote snap-0123456789abcdef0"],
  });
  add(program, "unpin", "let rotation promote newer snapshots again", { examples: ["docker-cache unpin --cache ci"] });
  add(program, "rollback", "go back to the snapshot promoted before, in all regions", {
    examples: ["docker-cache rollback --cache ci", "docker-cache rollback --region eu-west-1 --dry-run"],
  }).option("--to-none", "let workers start without a cache if there is nothing to go back to");
  add(program, "purge", "delete what a cache left, before its stacks are destroyed", {
    examples: ["docker-cache purge --region eu-west-1 --cache ci --confirm=ci"],
  }).option("--confirm <name>", "name of the cache, to show that it is meant; without it nothing is done");
  return program;
}

/** Runs the command line; sets the exit code. */
async function main(argv) {
  const program = createProgram();
  try {
    if (argv.length <= 2) program.outputHelp();
    else await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === OK ? OK : USAGE;
      return;
    }
    process.stderr.write(`docker-cache: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = FAILED;
  }
}

module.exports = { createProgram, main };
