/** Imports that break the rules, planted in a copy of the repository's shape: dependency-cruiser names each. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../../../lab/tools/project";

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** Files that may import what the planner may not: the planner may then not import them. */
const IMPURE: Readonly<Record<string, readonly string[]>> = {
  "lambda-src/rotation/settings.ts": ["zod"],
  "lambda-src/rotation/ownership.ts": ["node:fs"],
  "lambda-src/rotation/cache-device.ts": ["./types"],
  "lambda-src/rotation/types.ts": ["node:crypto"],
  "lib/time.ts": ["node:os"],
};

/** Imports of each file. A file that is imported and not named imports nothing. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  ...IMPURE,
  "lib/config/load.ts": ["./check/all", "node:fs"],
  "lib/config/check/all.ts": ["../text/problem", "zod"],
  "stacks/builder/builder-stack.ts": ["./role", "../parts/policy", "../../lib/contract"],
  "stacks/terraform/cdktf.ts": ["cdktf"],
  "lambda-src/rotation/aws/ec2.ts": ["@aws-sdk/client-ec2"],
  "lib/hcl/text.ts": ["./template"],
  "cli/operator.ts": ["@aws-sdk/client-ec2"],
  "__tests__/lib/contract.test.ts": ["../../stacks/parts/policy", "../../lib/contract", "../helper"],
};

/** A file, what it imports against the rules, and the rule that says so. */
const BAD: readonly (readonly [file: string, imported: string, rule: string])[] = [
  ["lib/contract.ts", "./config/load", "lib/contract.ts"],
  ["lib/config/schema/fields.ts", "../check/all", "lib/config/schema"],
  ["lib/config/text/fix.ts", "../../../stacks/parts/policy", "lib/config/text"],
  ["lambda-src/rotation/plan/plan.ts", "../ports", "lambda-src/rotation/plan"],
  ["lambda-src/rotation/format.ts", "../../lib/config/load", "lambda-src/rotation"],
  ["stacks/builder/role.ts", "../worker/role", "stacks/<noun>"],
  ["stacks/new-noun/new-noun.ts", "../builder/role", "stacks/<noun>"],
  ["stacks/new-noun/other.ts", "../../lambda-src/bundle", "stacks/<noun>"],
  ["lab/machine/machine.ts", "../../main", "lab/machine"],
  ["lab/aws/wire/model.ts", "../server/start", "lab/aws/wire"],
  ["cli/commands/status.ts", "../../lab/run/run", "cli/commands"],
  ["bench/rotation.ts", "../__tests__/helper", "bench"],
  ["new/main.ts", "../lib/contract", "no-room"],
  ["stacks/terraform/lists.ts", "../../lib/contract", "stacks/terraform"],
  ["lambda-src/rotation/asked/pin.ts", "zod", "plan-is-pure"],
  ["lambda-src/rotation/plan/judge.ts", "node:fs", "plan-is-pure"],
  ["lambda-src/rotation/plan/retention.ts", "../settings", "plan-is-pure"],
  ["lambda-src/rotation/plan/deletion.ts", "../ownership", "plan-is-pure"],
  ["lambda-src/rotation/plan/templates.ts", "../cache-device", "plan-is-pure"],
  ["lambda-src/rotation/asked/rollback.ts", "../types", "plan-is-pure"],
  ["lambda-src/rotation/plan/figures.ts", "../../../lib/time", "plan-is-pure"],
  ["lambda-src/rotation/telemetry.ts", "@aws-sdk/client-ec2", "few-sdk-importers"],
  ["lib/config/inputs.ts", "@aws-sdk/client-ec2", "few-sdk-importers"],
  ["stacks/parts/tags.ts", "cdktf", "one-cdktf-importer"],
  ["__tests__/synth.test.ts", "constructs", "one-cdktf-importer"],
  ["stacks/terraform/cdktf.ts", "@cdktf/provider-aws/lib/index", "deep-imports-only"],
  ["lib/userdata/render.ts", "jest", "no-dev-dependencies-in-use"],
  ["__tests__/modules/module.test.ts", "../../modules/builder/main", "nothing-imports-modules"],
  ["lib/hcl/template.ts", "./text", "no-circular"],
];

const PACKAGES = ["zod", "cdktf", "constructs", "@aws-sdk/client-ec2", "@cdktf/provider-aws"];
const FOLDERS = ["lib", "stacks", "lambda-src", "cli", "lab", "bench", "__tests__", "new", "main.ts"];

let folder: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, { flag: "a" });
}

/** Of types alone, for they count too, unless it is a package that is not there: then only the import says what it is. */
const importOf = (name: string) => (/^\.|^node:/.test(name) ? "import type" : "import");

function plant(): void {
  write("tsconfig.json", "{}");
  write(
    "package.json",
    JSON.stringify({
      dependencies: Object.fromEntries(PACKAGES.map((name) => [name, "1"])),
      devDependencies: { jest: "1" },
    }),
  );
  for (const name of [...PACKAGES, "jest"]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "lib/index.js" }));
    write(`node_modules/${name}/lib/index.js`, "");
  }
  const all = [...Object.entries(GOOD), ...BAD.map(([file, imported]) => [file, [imported]] as const)];
  for (const [file, imported] of all)
    for (const name of imported) {
      write(file, `${importOf(name)} { x } from "${name}";\nexport type Y = typeof x;\n`);
      if (name.startsWith(".")) write(`${join(dirname(file), name)}.ts`, "export const x = 1;\n");
    }
}

function cruise(): Violation[] {
  const argv = ["--config", join(ROOT, ".dependency-cruiser.cjs"), "--output-type", "json", ...FOLDERS];
  const { stdout } = spawnSync(join(ROOT, "node_modules/.bin/depcruise"), argv, { cwd: folder, encoding: "utf8" });
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

let violations: Violation[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "imports-"));
  plant();
  violations = cruise();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test.each(BAD)("%s may not import %s: %s", (file, _, rule) => {
  expect(violations.filter(({ from }) => from === file).map(({ rule: { name } }) => name)).toContain(rule);
});

test("nothing else is held against anyone", () => {
  const known = new Set(BAD.map(([file, , rule]) => `${file}: ${rule}`));
  expect(violations.map(({ from, rule }) => `${from}: ${rule.name}`).filter((one) => !known.has(one))).toEqual([]);
});
