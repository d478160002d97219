/** Commands and options: all texts of the command line. */

const DRY_RUN = ["-n, --dry-run", "Show what would be done, and do nothing"];
const JSON_OUTPUT = ["--json", "Print one JSON document instead of lines"];
const REGION = ["--region <region>", "Act on this region alone"];
const ACCOUNT = ["--account-id <id>", "Name the account, so that AWS is not asked for it"];
/** The entry of a section whose settings a script gets. */
const entryOf = (section) => ["--entry <name>", `Use this entry of ${section} in the configuration file`];
/** Options that select caches. */
const CACHES = [
  ["--cache <name>", "Act on this cache of the configuration file alone"],
  ["--name <name>", "Act on this cache without a configuration file; read its settings from its deployed function"],
  ["--architecture <architecture>", "Act on this architecture alone", ["x86_64", "arm64"]],
];

/** What stands behind the name of an option of a script, by its kind. */
const VALUES = { switch: " [boolean]", map: " <key=value>", flag: "", optional: "[=value]" };

/** Options of a script for jobs as commander takes them: those of its options.json, except the ones that a command has by itself. */
const scriptOptions = (options) =>
  options
    .filter(({ name }) => !["region", "account-id"].includes(name))
    .map(({ name, kind, description, default: standard, choices }) => [
      `--${name}${VALUES[kind] ?? " <value>"}`,
      standard === undefined ? description : `${description} If not given: ${standard}`,
      choices,
      kind === "list" || kind === "map",
    ]);
const IMAGE_OPTIONS = scriptOptions(require("../../lib/job/image/options.json"));
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
  options: [...(action.usage === "tag" ? [] : [entryOf("ci_images"), ACCOUNT]), FROM_ENVIRONMENT, ...IMAGE_OPTIONS],
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

/** What stands below `layer-cache`. */
const LAYER_CACHE_ACTIONS = [
  {
    usage: "check",
    summary: "Show for each entry and region whether its bucket or repositories are fit for layers",
    selects: [],
    mutates: false,
    examples: ["docker-cache layer-cache check", "docker-cache layer-cache check --entry ci --json"],
    options: [entryOf("layer_cache"), ACCOUNT],
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
 * One that has `passes` hands on what stands behind `--`, to what `passes` names.
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
    usage: "buildx",
    summary: "Run docker buildx build with its layers in the layer cache",
    selects: [],
    json: false,
    passes: "docker buildx build",
    examples: [
      "docker-cache buildx --app shop -- --push -t 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1.2 .",
      "docker-cache buildx --print --branch feature/x -- --load -t shop .",
    ],
    options: [entryOf("layer_cache"), ACCOUNT, ...scriptOptions(require("../../lib/job/buildx/options.json"))],
  },
  {
    usage: "layer-cache",
    summary: "Look after BuildKit's cache in S3 or ECR",
    actions: LAYER_CACHE_ACTIONS,
  },
  {
    usage: "script <name>",
    summary: "Print a script for jobs without Node, with the deployment's settings in it: image or buildx",
    selects: [],
    mutates: false,
    json: false,
    examples: [
      "docker-cache script image --entry app --region eu-west-1 > docker-cache-image",
      "docker-cache script buildx --entry ci --region eu-west-1 > docker-cache-buildx",
    ],
    options: [entryOf("ci_images or layer_cache"), ACCOUNT],
  },
  { usage: "cost", summary: "Reckon what a cache costs and saves, without AWS", actions: COST_ACTIONS },
];

module.exports = { CACHES, COMMANDS, DRY_RUN, JSON_OUTPUT, REGION };
