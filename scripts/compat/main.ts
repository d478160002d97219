/**
 * `npm run compat`: the same program with other versions of cdktf (R20). Each folder in scripts/compat/ pins one set of packages. Everything but
 * stacks/terraform/cdktf.ts stays as it is. There the names of the packages are replaced, which is all that a move to the fork takes.
 *
 * For each set: installs it below .cache/compat, type-checks the program, synthesizes docker-cache.yaml and the modules, and compares the result with
 * today's. Differences in what only names versions are counted; any other difference fails. So does anything in the modules that does not fit the
 * schema of the set's AWS provider. That provider is the other end of the range that they ask for.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE, ROOT } from "../../lab/tools/project";
import type { JsonObject } from "../emit/hcl/expression";
import { bindingSchema } from "./binding-schema";
import { type Difference, differences } from "./differences";
import { misfits, type SchemaOf } from "./misfits";

const FOLDER = join(CACHE, "compat");
const SETS = "scripts/compat";
/** Files and folders of the program. */
const SOURCES = [
  "main.ts",
  "lib",
  "stacks",
  "lambda-src",
  "cli",
  "scripts",
  "docker-cache.yaml",
  "cdktf.json",
  "package.json",
];
const RE_EXPORTS = "stacks/terraform/cdktf.ts";

function run(folder: string, command: string, argv: readonly string[]): void {
  try {
    execFileSync(command, argv, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${argv.join(" ")} in ${folder}:\n${stdout}${stderr}`);
  }
}

/** The names of packages in a set, e.g. `cdktn` instead of today's `cdktf`. */
function renamed(source: string, packages: readonly string[]): string {
  const fork = packages.includes("cdktn");
  return fork ? source.replace(/"cdktf"/g, '"cdktn"').replace(/"@cdktf\//g, '"@cdktn/') : source;
}

/** A copy of the program; packages that are not beside it are found further up, in the project's own node_modules. */
function copyProgram(folder: string, packages: readonly string[]): void {
  for (const path of SOURCES) {
    rmSync(join(folder, path), { recursive: true, force: true });
    cpSync(path, join(folder, path), { recursive: true });
  }
  const reExports = join(folder, RE_EXPORTS);
  writeFileSync(reExports, renamed(readFileSync(reExports, "utf8"), packages));
  const include = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { types: ["node"] },
    include: ["main.ts", "lib", "stacks"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(include));
}

/** Installs the pinned packages unless they are there. */
function install(set: string, folder: string): readonly string[] {
  const wanted = readFileSync(join(SETS, set, "package-lock.json"), "utf8");
  const installed = join(folder, "node_modules", ".installed");
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== wanted) {
    mkdirSync(folder, { recursive: true });
    for (const name of ["package.json", "package-lock.json"]) cpSync(join(SETS, set, name), join(folder, name));
    run(folder, "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    writeFileSync(installed, wanted);
  }
  const { dependencies } = JSON.parse(readFileSync(join(SETS, set, "package.json"), "utf8"));
  return Object.keys(dependencies);
}

/** Returns the Terraform JSON of every stack and module that the program in a folder makes, by name. */
function synthesize(folder: string): Record<string, unknown> {
  rmSync(join(folder, "cdktf.out"), { recursive: true, force: true });
  const tsx = join(ROOT, "node_modules/.bin/tsx");
  run(folder, tsx, ["main.ts"]);
  run(folder, tsx, ["scripts/compat/print-modules.ts", "cdktf.out/modules.json"]);
  const read = (path: string) => JSON.parse(readFileSync(join(folder, path), "utf8"));
  const stacks = readdirSync(join(folder, "cdktf.out/stacks")).sort();
  return {
    ...Object.fromEntries(stacks.map((name) => [name, read(`cdktf.out/stacks/${name}/cdk.tf.json`)])),
    modules: read("cdktf.out/modules.json"),
  };
}

/** Folder of the bindings for the AWS provider below a folder of packages. */
function bindingsIn(folder: string, packages: readonly string[]): string {
  const bindings = packages.find((name) => name.endsWith("/provider-aws"));
  if (bindings === undefined) throw new Error(`${folder} has no bindings for the AWS provider`);
  return join(folder, "node_modules", bindings);
}

/** A set says which AWS provider its bindings are of, for those who ask without installing it. */
function checkProvider(set: string, bindings: string): void {
  const read = (path: string) => JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const { version } = read(bindings).cdktf.provider;
  const { awsProvider } = read(join(SETS, set));
  if (awsProvider !== version)
    throw new Error(
      `${SETS}/${set}/package.json: found awsProvider ${awsProvider}, expected ${version} as its bindings say`,
    );
}

/** The schema of the AWS provider as bindings tell it. */
function schemaOf(root: string): SchemaOf {
  const read = new Map<string, ReturnType<SchemaOf>>();
  return (kind, type) => {
    const key = `${kind} ${type}`;
    const schema = read.get(key) ?? bindingSchema(root, kind, type);
    read.set(key, schema);
    return schema;
  };
}

function report(set: string, found: readonly Difference[], unfit: readonly string[]): boolean {
  const other = found.filter(({ isVersion }) => !isVersion);
  console.log(`${set}: type-checked and synthesized`);
  console.log(`  ${found.length - other.length} differences in version metadata, ${other.length} others`);
  console.log(`  ${unfit.length} places in the modules that do not fit its AWS provider's schema`);
  for (const { path, before, after } of other) {
    console.log(`  ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
  }
  for (const line of unfit) console.log(`  ${line}`);
  return other.length + unfit.length === 0;
}

function main(): void {
  const baseline = join(FOLDER, "today");
  mkdirSync(baseline, { recursive: true });
  copyProgram(baseline, []);
  const today = synthesize(baseline);
  const sets = readdirSync(SETS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  // Real Terraform has planned and applied with this provider itself, the lower end of the range that the modules ask for.
  const tried = schemaOf(bindingsIn(".", ["@cdktf/provider-aws"]));
  const equal = sets.map(({ name: set }) => {
    const folder = join(FOLDER, set);
    const packages = install(set, folder);
    copyProgram(folder, packages);
    run(folder, join(ROOT, "node_modules/.bin/tsc"), ["--project", "tsconfig.json"]);
    const bindings = bindingsIn(folder, packages);
    checkProvider(set, bindings);
    const schema = schemaOf(bindings);
    const unfit = Object.values(today.modules as JsonObject).flatMap((module) =>
      misfits(module as JsonObject, schema, tried),
    );
    return report(set, differences(today, synthesize(folder)), unfit);
  });
  if (equal.includes(false)) process.exitCode = 1;
}

main();
