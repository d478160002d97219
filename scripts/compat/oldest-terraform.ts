/**
 * `npm run compat:oldest`: modules and examples under the oldest Terraform that they take. The tests that plan and apply them run with it in place of the
 * machine's own. `terraform test` is not among them: that came with 1.6, and its mock providers with 1.7.
 */
import { spawnSync } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { goTool, OLDEST_TERRAFORM } from "../../lab/tools/go-tool";

const TESTS = [
  "__tests__/modules/meaning.slow.test.ts",
  "__tests__/modules/life.slow.test.ts",
  "__tests__/examples/existing-terraform.slow.test.ts",
  "__tests__/examples/existing-template.all.slow.test.ts",
];

const found = goTool(OLDEST_TERRAFORM, (line) => process.stderr.write(`${line}\n`));
if ("missing" in found) {
  process.stderr.write(`${found.missing}\n`);
  process.exit(1);
}
const { status } = spawnSync("node_modules/.bin/jest", [...TESTS, "--maxWorkers", "2", "--forceExit"], {
  stdio: "inherit",
  env: { ...process.env, SLOW: "1", ALL: "1", PATH: [dirname(found.path), process.env.PATH].join(delimiter) },
});
process.exit(status ?? 1);
