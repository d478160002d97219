/** Every command that a page shows exists, with every option it is shown with. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import { parseWish } from "../../scripts/gate/options";
import { blockCommands, pages, spanCommands } from "./pages";

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };

/** Returns the output of `--help`. */
function help(...argv: string[]): string {
  return execFileSync(join(ROOT, "scripts/docker-cache"), [...argv, "--help"], { encoding: "utf8" });
}

const optionsIn = (text: string) => new Set(text.match(/(?<=[\s,])--?[a-z][a-z-]*/g) ?? []);
const commands = new Map(
  [...help().matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map((match) => {
    const text = help(match[1] ?? "");
    return [match[1] ?? "", { options: optionsIn(text), takes: /\[options\] <\w+>/.test(text) ? 1 : 0 }] as const;
  }),
);

/** Returns the problem with the arguments of `docker-cache`, or undefined if there is none. */
function dockerCache([name = "", ...rest]: readonly string[]): string | undefined {
  if (["--help", "--version"].includes(name)) return undefined;
  const command = commands.get(name);
  if (!command) return `no command ${name}`;
  const given = rest.filter((word) => word.startsWith("-")).map((word) => word.split("=")[0] ?? "");
  const unknown = given.filter((option) => !command.options.has(option));
  if (unknown.length > 0) return `${name} has no ${unknown.join(", ")}`;
  const values = rest.filter((word, index) => !word.startsWith("-") && !/^--[a-z-]+$/.test(rest[index - 1] ?? ""));
  return values.length > command.takes ? `${name} does not take ${values.join(" ")}` : undefined;
}

const CDKTF: Readonly<Record<string, readonly string[]>> = {
  deploy: ["--auto-approve"],
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

const TERRAFORM: Readonly<Record<string, RegExp>> = { init: /^$/, apply: /^-var [a-z_]+=\S+$/, destroy: /^$/ };

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
  "kms create-grant": ["--grantee-principal", "--key-id", "--operations", "--region"],
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

/** Commands that are nobody's to check. */
const GENERAL = ["git", "cd", "export", "${EDITOR:-vi}", "npm ci"];

function wrong(argv: readonly string[]): string | undefined {
  const [head = "", ...rest] = argv;
  if (head === "docker-cache") return dockerCache(rest);
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

test("the command line's commands are found in its help", () => {
  expect([...commands.keys()].sort()).toEqual(["build", "promote", "purge", "rollback", "rotate", "status", "unpin"]);
  expect(shown.length).toBeGreaterThan(30);
});

test.each(shown.map(([path, argv]) => [path, argv.join(" "), argv] as const))("%s: %s", (_, __, argv) => {
  expect(wrong(argv)).toBeUndefined();
});

test.each([
  ["docker-cache", "rolback"],
  ["docker-cache", "rollback", "--dry"],
  ["docker-cache", "unpin", "snap-1"],
  ["scripts/test", "everything"],
  ["npm", "run", "nothing"],
])("would be seen: %s %s %s", (...argv) => {
  expect(wrong(argv.filter(Boolean))).toBeDefined();
});
