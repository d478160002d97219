/** Every command that a page shows exists, with every option it is shown with. */
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { ROOT } from "../../lab/tools/project";
import { parseWish } from "../../scripts/gate/options";
import { problemWith } from "../fixtures/commands/command-line";
import { TABLE } from "../fixtures/commands/table";
import { blockCommands, pages, spanCommands } from "./pages";

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };

const { createProgram } = require("../../cli/program.cjs") as { createProgram(...table: unknown[]): Command };
const program = createProgram();

const CDKTF: Readonly<Record<string, readonly string[]>> = {
  deploy: ["--auto-approve", "--skip-provider-lock"],
  destroy: ["--auto-approve"],
  diff: [],
  synth: [],
};

function cdktf([name = "", ...rest]: readonly string[]): string | undefined {
  const options = CDKTF[name];
  if (!options) return `no command ${name}`;
  // Of all its commands this one takes a single stack, and no pattern.
  if (name === "diff" && (rest.length > 1 || rest.some((word) => word.includes("*")))) return "diff takes one stack";
  return rest.find((word) => word.startsWith("-") && !options.includes(word));
}

/** Variables, or one target. */
const OPTIONS = /^(?:-var [a-z_]+=\S+ ?)+$|^-target=[a-z_.]+$/;
/** One of several resources by its key, as the shell leaves it, and its id. */
const IMPORT = /^[a-z_.]+\[[a-z-]+\] [a-z-]+$/;
const TERRAFORM: Readonly<Record<string, RegExp>> = {
  init: /^$/,
  apply: OPTIONS,
  destroy: OPTIONS,
  import: IMPORT,
};

function terraform([name = "", ...rest]: readonly string[]): string | undefined {
  const options = TERRAFORM[name];
  if (!options) return `no command ${name}`;
  return options.test(rest.join(" ")) || rest.length === 0 ? undefined : `${name} is not called with ${rest.join(" ")}`;
}

/** Operations of the AWS CLI that were looked up in its models, with their options. */
const AWS: Readonly<Record<string, readonly string[]>> = {
  "cloudwatch set-alarm-state": [],
  "ec2 enable-snapshot-block-public-access": ["--state"],
  "ec2 get-console-output": ["--instance-id"],
  "ec2 list-snapshots-in-recycle-bin": ["--region"],
  "ec2 run-instances": ["--launch-template"],
  "ec2 restore-snapshot-from-recycle-bin": ["--region", "--snapshot-id"],
  "ecr batch-delete-image": ["--image-ids", "--region", "--repository-name"],
  "ecr describe-repositories": ["--query", "--region"],
  "ecr delete-repository": ["--force", "--region", "--repository-name"],
  "ecr get-login-password": ["--region"],
  "ecr get-registry-scanning-configuration": ["--region"],
  "ecr put-image-tag-mutability": ["--image-tag-mutability", "--region", "--repository-name"],
  "ecr put-registry-scanning-configuration": ["--region", "--rules", "--scan-type"],
  "iam attach-role-policy": ["--policy-arn", "--role-name"],
  "logs tail": ["--region", "--since"],
  // Of the client itself, and in no model.
  "s3 rm": ["--recursive"],
  "kms cancel-key-deletion": ["--key-id"],
  "kms create-grant": ["--grantee-principal", "--key-id", "--operations", "--region"],
  "secretsmanager create-secret": ["--description", "--name", "--region", "--secret-string"],
  "secretsmanager describe-secret": ["--region", "--secret-id"],
  "secretsmanager put-secret-value": ["--region", "--secret-id", "--secret-string"],
};

function aws([service, operation, ...rest]: readonly string[]): string | undefined {
  const options = AWS[`${service} ${operation}`];
  if (!options) return `${service} ${operation} was never looked up`;
  return rest.find((word) => word.startsWith("--") && !options.includes(word));
}

function script(path: string, argv: readonly string[]): string | undefined {
  accessSync(join(ROOT, path), constants.X_OK);
  const known: Readonly<Record<string, readonly string[]>> = {
    "scripts/quickstart": ["--api"],
  };
  if (path === "scripts/test") {
    const wish = parseWish(argv);
    return "wrong" in wish ? wish.wrong : undefined;
  }
  return argv.find((word) => !known[path]?.includes(word));
}

/** Scripts that pages print into a file, and the commands whose words they take. */
const JOB_SCRIPTS: Readonly<Record<string, string>> = {
  "docker-cache-image": "image",
  "docker-cache-buildx": "buildx",
};

/** Commands that are nobody's to check. */
const GENERAL = [
  ...["git", "cd", "export", "printf", "read", "unset", "${EDITOR:-vi}", "npm ci"],
  ...["docker build", "docker buildx", "docker login", "docker run"],
];

function wrong(argv: readonly string[]): string | undefined {
  const [head = "", ...rest] = argv;
  if (head === "docker-cache") return problemWith(program, rest);
  // What a shell is told by one of ours.
  if (head === "eval") return wrong((/^\$\((?:npx )?(.+)\)$/.exec(rest.join(" "))?.[1] ?? "").split(" "));
  // A script that `docker-cache script` printed takes what the command takes.
  const command = JOB_SCRIPTS[rest[0] ?? ""];
  if (head === "bash" && command) return problemWith(program, [command, ...rest.slice(1)]);
  if (head === "cdktf") return cdktf(rest);
  if (head === "terraform") return terraform(rest);
  if (head === "aws") return aws(rest);
  if (head.startsWith("scripts/")) return script(head, rest);
  if (head === "npm" && rest[0] === "run") return scripts[rest[1] ?? ""] ? undefined : "no such script";
  return GENERAL.includes(head) || GENERAL.includes(argv.slice(0, 2).join(" ")) ? undefined : "not known here";
}

const shown = pages().flatMap((page) =>
  [...blockCommands(page.text), ...spanCommands(page.text)].map((argv) => [page.path, argv] as const),
);

test("the pages show commands", () => {
  expect(shown.length).toBeGreaterThan(30);
});

test.each(shown.map(([path, argv]) => [path, argv.join(" "), argv] as const))("%s: %s", (_, __, argv) => {
  expect(wrong(argv)).toBeUndefined();
});

test.each([
  ["docker-cache", "rolback"],
  ["docker-cache", "rollback", "--dry"],
  ["docker-cache", "rotate", "snap-1"],
  ["docker-cache", "status", "--json", "snap-1"],
  ["docker-cache", "--verbose"],
  ["scripts/test", "everything"],
  ["npm", "run", "nothing"],
  ["bash", "docker-cache-image", "ensur"],
  ["eval", "$(bash docker-cache-image env --cash-on x)"],
  ["bash", "docker-cache-buildx", "--ap", "x", "--", "."],
  ["docker-cache", "buildx", "--app", "x", "."],
])("would be seen: %s %s %s", (...argv) => {
  expect(wrong(argv.filter(Boolean))).toBeDefined();
});

test.each([
  "pull-through url debian:bookworm-slim ghcr.io/acme/x:1 quay.io/acme/y",
  "pull-through purge --region eu-west-1 --confirm=NAME",
  "cost pull-through --builds-per-day 3 --minutes 8 --minutes-with-cache 7.5 --price-per-minute 0.01 --images 5 --image-mb 80 --days 30 --cross-region-gb 1 --free-tier --json",
])("docker-cache %s", (words) => {
  expect(problemWith(program, words.split(" "))).toBeUndefined();
});

test.each(["cost pull-through --region eu-west-1", "pull-through env debian", "pull-through url --confirm x"])(
  "docker-cache %s: would be seen",
  (words) => expect(problemWith(program, words.split(" "))).toBeDefined(),
);

const SHELF = createProgram(TABLE, { folder: "no folder: nothing runs", passed: [] });

test.each([
  "shelf",
  "shelf --help",
  "shelf list",
  "shelf list --region eu-west-1 --json",
  "shelf empty top --row=2 -n",
  "carry --mark --to home -- --row=2 top",
])("docker-cache %s: a command with actions", (words) => {
  expect(problemWith(SHELF, words.split(" "))).toBeUndefined();
});

test.each([
  ["shelf lisst", "no command lisst"],
  ["shelf --json", "shelf has no --json"],
  ["shelf list --row 2", "list has no --row"],
  ["shelf list top", "list does not take top"],
  ["shelf empty top bottom", "empty does not take bottom"],
  ["list", "no command list"],
  ["carry top -- bottom", "carry does not take top"],
  ["carry --row=2 -- top", "carry has no --row=2"],
])("docker-cache %s: %s", (words, problem) => {
  expect(problemWith(SHELF, words.split(" "))).toBe(problem);
});
