/** Commands and options: all texts of the command line. Each command runs from a file of its own. */
const { join } = require("node:path");
const { Command, CommanderError, Option } = require("commander");

/** Exit codes: done; failed or refused; not understood; nobody reads any more, as the shell tells it of a process that SIGPIPE ended. */
const OK = 0;
const FAILED = 1;
const USAGE = 2;
const CLOSED_PIPE = 141;

const DRY_RUN = ["-n, --dry-run", "Show what would be done, and do nothing"];
const JSON_OUTPUT = ["--json", "Print one JSON document instead of lines"];
const REGION = ["--region <region>", "Act on this region alone"];
const ACCOUNT = ["--account-id <id>", "Name the account, so that AWS is not asked for it"];
/** The entry of `ci_images` whose settings a script gets. */
const ENTRY = ["--entry <name>", "Use this entry of ci_images in the configuration file"];
/** Options that select caches. */
const CACHES = [
  ["--cache <name>", "Act on this cache of the configuration file alone"],
  ["--name <name>", "Act on this cache without a configuration file; read its settings from its deployed function"],
  ["--architecture <architecture>", "Act on this architecture alone", ["x86_64", "arm64"]],
];

/** Options that are those of lib/job/image/options.json, as commander takes them. */
const IMAGE_OPTIONS = require("../lib/job/image/options.json")
  .filter(({ name }) => name !== "region")
  .map(({ name, kind, description, default: standard, choices }) => [
    `--${name} ${kind === "switch" ? "[boolean]" : kind === "map" ? "<key=value>" : "<value>"}`,
    standard === undefined ? description : `${description} If not given: ${standard}`,
    choices,
    kind === "list" || kind === "map",
  ]);
const FROM_ENVIRONMENT = ["--from-environment", "Read the options from the Buildkite plugin's variables instead"];
/** What stands below `image`. */
const IMAGE_ACTIONS = [
  {
    usage: "tag",
    summary: "Print the tag of what an image is made of; ask neither Docker nor AWS",
    selects: [],
    mutates: false,
    json: false,
    examples: ["docker-cache image tag --cache-on package-lock.json", "docker-cache image tag --from-environment"],
  },
  {
    usage: "ensure",
    summary: "Make the image available here: find it, pull it, or build and push it",
    selects: [],
    json: false,
    examples: [
      "docker-cache image ensure --cache-on package-lock.json --target deps",
      "docker-cache image ensure --entry app --cache-on '**/package.json'",
    ],
  },
  {
    usage: "env",
    summary: "Print the variables of an image that ensure made available, for a shell",
    selects: [],
    mutates: false,
    json: false,
    examples: ['eval "$(docker-cache image env --cache-on package-lock.json)"'],
  },
].map((action) => ({
  ...action,
  // The tag depends on no deployment.
  options: [...(action.usage === "tag" ? [] : [ENTRY, ACCOUNT]), FROM_ENVIRONMENT, ...IMAGE_OPTIONS],
}));

/** What stands below `pull-through`. */
const PULL_THROUGH_ACTIONS = [
  {
    usage: "url <reference...>",
    summary: "Print what to pull in place of each image, or the image itself if no rule serves it",
    selects: [],
    mutates: false,
    examples: [
      "docker-cache pull-through url debian:bookworm-slim ghcr.io/acme/x:1",
      "docker-cache pull-through url debian:bookworm-slim --account-id 123456789012",
    ],
    options: [ACCOUNT],
  },
  {
    usage: "env",
    summary: "Print ECR_REGISTRY_URL, ECR_ACCOUNT_ID and ECR_REGION for a shell or a buildspec",
    selects: [],
    mutates: false,
    examples: ['eval "$(docker-cache pull-through env)"', "docker-cache pull-through env --rule quay"],
    options: [["--rule <rule>", "Name the rule by its prefix; if not given, the one that serves Docker Hub"], ACCOUNT],
  },
  {
    usage: "list",
    summary: "Show the repositories below our prefixes: images, bytes, last push, days left",
    selects: [],
    mutates: false,
    examples: ["docker-cache pull-through list", "docker-cache pull-through list --region eu-west-1 --json"],
  },
  {
    usage: "validate",
    summary: "Show for each rule whether rule, secret, template and your own rights are in order",
    selects: [],
    mutates: false,
    examples: ["docker-cache pull-through validate"],
  },
  {
    usage: "purge",
    summary: "Delete the repositories that pull-through has made, in one region or all",
    selects: [],
    examples: [
      "docker-cache pull-through purge --dry-run",
      "docker-cache pull-through purge --region eu-west-1 --confirm=NAME",
    ],
    options: [
      ["--confirm <noun>", "Name the noun, pull-through, to show that it is meant; without it nothing is done"],
    ],
  },
];

/** What stands below `cost`. */
const COST_ACTIONS = [
  {
    usage: "pull-through",
    summary: "Print what builds cost with and without pull-through, and from where on it pays",
    selects: [],
    mutates: false,
    regional: false,
    examples: [
      "docker-cache cost pull-through --builds-per-day 10",
      "docker-cache cost pull-through --minutes 12 --minutes-with-cache 9 --price-per-minute 0.005 --json",
    ],
    options: [
      ["--builds-per-day <number>", "Give the builds of a day; 3 if not given"],
      ["--minutes <number>", "Give the minutes of a build that pulls from the upstream; 8 if not given"],
      ["--minutes-with-cache <number>", "Give the minutes of a build that pulls through ECR; 7.5 if not given"],
      ["--price-per-minute <usd>", "Give the price of a minute; that of CodeBuild's general1.medium if not given"],
      ["--images <number>", "Give the number of images in ECR; 5 if not given"],
      ["--image-mb <number>", "Give the compressed size of an image in MB; 80 if not given"],
      ["--days <number>", "Give the days to reckon; 30 if not given"],
      ["--cross-region-gb <number>", "Give the GB that are pulled from another region in that time; 0 if not given"],
      ["--free-tier", "Leave out the first 500 MB, as in the first year of an account"],
    ],
  },
];

/**
 * The commands. An entry runs `run` of the file `commands/<name>.ts`. One with `actions` runs none itself: each action is an entry like a
 * command, and runs from `commands/<name>/<action>.ts`. `selects` are the options that say on what it acts, by default {@link CACHES}.
 * One that is not `regional` has no `--region`, and one that is not `json` prints its answer in one form alone. An option that repeats is a list.
 */
const COMMANDS = [
  {
    usage: "status",
    summary: "Show what is promoted where, and what is left over",
    mutates: false,
    examples: [
      "docker-cache status",
      "docker-cache status --cache ci --images",
      "docker-cache status --cache ci --json",
    ],
    options: [["--images", "Show the images of what is promoted, with their digests"]],
  },
  {
    usage: "build",
    summary: "Start a builder now",
    examples: ["docker-cache build --cache ci --wait"],
    options: [["--wait", "Stay until the builder has ended, and fail if it did"]],
  },
  {
    usage: "rotate",
    summary: "Run rotation once, now",
    examples: ["docker-cache rotate --dry-run", "docker-cache rotate --region eu-west-1 --json"],
  },
  {
    usage: "promote <snapshot>",
    summary: "Promote this snapshot, in other regions its content, and keep it until unpin",
    examples: ["docker-cache promote snap-0123456789abcdef0"],
  },
  {
    usage: "unpin [snapshot]",
    summary: "Let rotation promote newer snapshots again, or no longer keep this one",
    examples: ["docker-cache unpin --cache ci", "docker-cache unpin snap-0123456789abcdef0"],
  },
  {
    usage: "rollback",
    summary: "Go back to the snapshot promoted before, in all regions",
    examples: ["docker-cache rollback --cache ci", "docker-cache rollback --region eu-west-1 --dry-run"],
    options: [
      ["--from <content>", "Leave this content, or that of this snapshot: if regions differ, or to go further back"],
      ["--to-none", "Let workers start without a cache if there is nothing to go back to"],
    ],
  },
  {
    usage: "purge",
    summary: "Delete all snapshots of a cache, before its stacks are destroyed",
    examples: [
      "docker-cache purge --region eu-west-1 --cache ci --dry-run",
      "docker-cache purge --region eu-west-1 --cache ci --confirm=NAME",
    ],
    options: [
      ["--confirm <name>", "Name the cache, to show that it is meant; without it nothing is done"],
      ["--confirm-deployed <name>", "Name it again if it is deployed and the configuration file does not have it"],
    ],
  },
  {
    usage: "pull-through",
    summary: "Use and look after ECR's pull-through cache",
    actions: PULL_THROUGH_ACTIONS,
  },
  { usage: "image", summary: "Use images that are built once for what they are made of", actions: IMAGE_ACTIONS },
  {
    usage: "script <name>",
    summary: "Print a script for jobs without Node, with the deployment's settings in it: image",
    selects: [],
    mutates: false,
    json: false,
    examples: ["docker-cache script image --entry app --region eu-west-1 > docker-cache-image"],
    options: [ENTRY, ACCOUNT],
  },
  { usage: "cost", summary: "Reckon what a cache costs and saves, without AWS", actions: COST_ACTIONS },
];

const FOLDER = join(__dirname, "commands");

/** Adds a command, or an action of one: `words` are what stands before it on the command line. */
function add(parent, words, { usage, summary, actions, ...entry }, folder) {
  const command = parent.command(usage).summary(summary).description(summary);
  const path = [...words, command.name()];
  if (actions === undefined) return addRun(command, path, entry, folder);
  command.helpCommand(false).commandsGroup("Actions:");
  command.showHelpAfterError(`(docker-cache ${path.join(" ")} --help lists the actions)`);
  for (const action of actions) add(command, path, action, folder);
}

function addRun(command, path, { selects = CACHES, mutates = true, regional = true, json = true, ...texts }, folder) {
  const { examples = [], options = [] } = texts;
  const common = [...(regional ? [REGION] : []), ...(json ? [JSON_OUTPUT] : []), ...(mutates ? [DRY_RUN] : [])];
  for (const [flags, description, choices, repeats] of [...selects, ...common, ...options]) {
    const option = new Option(flags, description);
    if (choices !== undefined) option.choices(choices);
    if (repeats) option.argParser((value, before = []) => [...before, value]);
    command.addOption(option);
  }
  if (examples.length > 0) command.addHelpText("before", `${examples.map((line) => `  ${line}`).join("\n")}\n`);
  // Commander gives an argument that repeats as a list.
  command.action((...args) => run(path, args.slice(0, -2).flat(), args.at(-2), folder));
}

/** Loads the command and runs it; its promise is the exit code. */
async function run(path, positional, options, folder) {
  const name = path.join(" ");
  if (!options.json) process.stderr.write(`docker-cache ${name}: reading\n`);
  require("tsx/cjs");
  const { runCommand } = require("./run-command.ts");
  process.exitCode = await runCommand(name, require(`${join(folder, ...path)}.ts`).run, positional, options);
}

function createProgram(commands = COMMANDS, folder = FOLDER) {
  const program = new Command("docker-cache");
  program
    .description("Operate Docker caches on EBS snapshots and the caches beside them: what their stacks deployed.")
    .version(require("../package.json").version, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Show this help")
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError("(docker-cache --help lists the commands)");
  for (const command of commands) add(program, [], command, folder);
  return program;
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
  const program = createProgram(commands, folder);
  try {
    const shown = asksForHelp(program, argv.slice(2));
    if (shown) shown.outputHelp();
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
