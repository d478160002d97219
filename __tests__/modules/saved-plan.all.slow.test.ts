/**
 * A plan that one machine has made and people have read is applied on another, which has the same configuration and nothing that the plan left behind.
 * The archive provider writes as the real one does: into the zip itself, which instances of one module share.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmulatedAws } from "../../lab/aws/server/start";
import { removeScratch, terraform } from "../scripts/emit/terraform-run";
import { cell, deployment, region } from "../stacks/fixture";
import { writeStacks } from "../stacks/synthesized";
import { rootWithModules, startEmulatedAws } from "./emulated";

jest.setTimeout(600_000);

const STACK = "docker-cache-rotation-eu-west-1";
const CACHES = [..."abcdefghijkl"];

let aws: EmulatedAws;
let folder: string;
beforeAll(async () => {
  process.env.ARCHIVE_IN_PLACE = "1";
  aws = await startEmulatedAws();
  folder = mkdtempSync(join(tmpdir(), "docker-cache-saved-plan-"));
});
afterAll(async () => {
  await aws?.stop();
  await removeScratch();
  rmSync(folder, { recursive: true });
});

/** Terraform in the folder, which is initialized; `-target` of functions, for all else of rotation takes minutes and has no zip. */
const on =
  (folder: string, functions: readonly string[]) =>
  (command: "plan" | "apply", ...options: readonly string[]) =>
    terraform(
      folder,
      [command, "-input=false", "-parallelism=50", ...functions.map((address) => `-target=${address}`), ...options],
      aws,
    );

/** Plans the functions `here` and applies that `there`. */
async function applyElsewhere([here, there]: readonly [string, string], functions: readonly string[]): Promise<void> {
  const plan = join(here, "plan");
  for (const machine of [here, there]) await terraform(machine, ["init", "-input=false"], aws);
  await on(here, functions)("plan", `-out=${plan}`);
  await on(there, [])("apply", plan);
  expect(await on(there, functions)("plan")).toContain("No changes.");
}

/** A machine's folder with calls of the module. */
const rootOfCalls = () =>
  rootWithModules({
    provider: { aws: { region: "eu-west-1" } },
    module: {
      rotation: { source: "./modules/rotation", for_each: `\${toset(${JSON.stringify(CACHES)})}`, name: "${each.key}" },
    },
  });

/** A machine's folder of the synthesized stack. */
function stackOn(machine: string): string {
  const wanted = deployment({ regions: [region({ cells: [cell()] })] });
  mkdirSync(join(folder, machine));
  return join(writeStacks(join(folder, machine), wanted), "stacks", STACK);
}

test("twelve calls of the module, and a stack", async () => {
  const functions = CACHES.map((cache) => `module.rotation["${cache}"].aws_lambda_function.rotation`);
  // Both at once, for most of it is waiting.
  await Promise.all([
    applyElsewhere([rootOfCalls(), rootOfCalls()], functions),
    applyElsewhere(
      [stackOn("here"), stackOn("there")],
      ["aws_lambda_function.ci_x86_64_rotation", "aws_lambda_function.router"],
    ),
  ]);
});
