/** The command line: the commands of the table, each of which runs from a file of its own. */
const { join } = require("node:path");
const { Command, CommanderError, Option } = require("commander");
const { CACHES, COMMANDS, DRY_RUN, JSON_OUTPUT, REGION } = require("./texts/table.cjs");

/** Exit codes: done; failed or refused; not understood; nobody reads any more, as the shell tells it of a process that SIGPIPE ended. */
const OK = 0;
const FAILED = 1;
const USAGE = 2;
const CLOSED_PIPE = 141;

const FOLDER = join(__dirname, "commands");
/** The end of an option's flags if its value stands behind `=` alone. */
const EQUALS_ALONE = /\[=value\]$/;
/** Value of such an option that has none: no argument of a program holds this character. */
const NONE = "\0";

/** Where commands run: the folder of their files, and the words that one hands on. */
const HERE = { folder: FOLDER, passed: [] };

/** Adds a command, or an action of one: `words` are what stands before it on the command line. */
function add(parent, words, { usage, summary, actions, ...entry }, place) {
  const command = parent.command(usage).summary(summary).description(summary);
  const path = [...words, command.name()];
  if (actions === undefined) return addRun(command, path, entry, place);
  command.helpCommand(false).commandsGroup("Actions:");
  command.showHelpAfterError(`(docker-cache ${path.join(" ")} --help lists the actions)`);
  for (const action of actions) add(command, path, action, place);
}

/** An option; the value of `--name[=value]` stands behind `=` alone, and help shows it so. */
function optionOf([flags, description, choices, repeats]) {
  const option = new Option(flags.replace(EQUALS_ALONE, " [value]"), description);
  if (EQUALS_ALONE.test(flags)) option.argParser((value) => value === NONE || value);
  option.flags = flags;
  if (choices !== undefined) option.choices(choices);
  if (repeats) option.argParser((value, before = []) => [...before, value]);
  return option;
}

function addRun(command, path, { selects = CACHES, mutates = true, regional = true, json = true, ...texts }, place) {
  const { examples = [], options = [], passes } = texts;
  const common = [...(regional ? [REGION] : []), ...(json ? [JSON_OUTPUT] : []), ...(mutates ? [DRY_RUN] : [])];
  for (const one of [...selects, ...common, ...options]) command.addOption(optionOf(one));
  if (examples.length > 0) command.addHelpText("before", `${examples.map((line) => `  ${line}`).join("\n")}\n`);
  if (passes) command.usage("[options] [-- arguments...]").showHelpAfterError(`(what ${passes} gets stands behind --)`);
  // Commander gives an argument that repeats as a list.
  command.action((...args) => {
    const positional = [...args.slice(0, -2).flat(), ...(passes ? place.passed : [])];
    return run(path, positional, args.at(-2), place.folder);
  });
}

/** Loads the command and runs it; its promise is the exit code. */
async function run(path, positional, options, folder) {
  const name = path.join(" ");
  if (!options.json) process.stderr.write(`docker-cache ${name}: reading\n`);
  require("tsx/cjs");
  const { runCommand } = require("./run-command.ts");
  process.exitCode = await runCommand(name, require(`${join(folder, ...path)}.ts`).run, positional, options);
}

function createProgram(commands = COMMANDS, place = HERE) {
  const program = new Command("docker-cache");
  program
    .description("Operate Docker caches on EBS snapshots and the caches beside them: what their stacks deployed.")
    .version(require("../package.json").version, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Show this help")
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError("(docker-cache --help lists the commands)");
  for (const command of commands) add(program, [], command, place);
  return program;
}

/**
 * Divides the words of the command line. Of a command that hands some on, these are what stands behind the first `--`, and commander never sees
 * them: to it `buildx x` and `buildx -- x` are one. An option whose value stands behind `=` alone gets a value there, or commander would take the
 * next word for it.
 */
function divide(words, commands) {
  const { passes, options = [] } = commands.find(({ usage }) => usage.split(" ")[0] === words[0]) ?? {};
  const end = words.indexOf("--");
  if (!passes) return { own: words, passed: [] };
  const bare = options.flatMap(([flags]) => (EQUALS_ALONE.test(flags) ? [flags.replace(EQUALS_ALONE, "")] : []));
  const own = (end < 0 ? words : words.slice(0, end)).map((word) => (bare.includes(word) ? `${word}=${NONE}` : word));
  return { own, passed: end < 0 ? [] : words.slice(end + 1) };
}

/**
 * Returns the program or command whose help alone is asked for, else undefined. That is the program without words, or a command
 * with actions but none chosen.
 */
function asksForHelp(program, [first, ...rest]) {
  if (first === undefined) return program;
  const command = program.commands.find((one) => one.name() === first);
  return rest.length === 0 && command?.commands.length > 0 ? command : undefined;
}

/** Runs the command line; sets the exit code. Tests give commands of their own, and the folder of their files. */
async function main(argv, commands = COMMANDS, folder = FOLDER) {
  const { own, passed } = divide(argv.slice(2), commands);
  const program = createProgram(commands, { folder, passed });
  try {
    const shown = asksForHelp(program, own);
    if (shown) shown.outputHelp();
    else await program.parseAsync(own, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === OK ? OK : USAGE;
      return;
    }
    process.stderr.write(`docker-cache: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = FAILED;
  }
}

/**
 * Ends quietly if nobody reads stdout any more, e.g. behind `| head -1`: a command writes there when its work is done. Messages to a closed
 * stderr are lost, and the work goes on.
 */
function endWithPipe() {
  const onClosed = (stream, then) =>
    stream.on("error", (error) => {
      if (error.code !== "EPIPE") throw error;
      then();
    });
  onClosed(process.stdout, () => process.exit(CLOSED_PIPE));
  onClosed(process.stderr, () => undefined);
}

module.exports = { createProgram, endWithPipe, main };
