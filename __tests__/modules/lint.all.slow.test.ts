/** Modules and examples as people hold hand-written ones to: tflint. Not in the gate, for building tflint takes longer than all that is checked with it. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { goTool, TFLINT } from "../../lab/tools/go-tool";
import { removeScratch, scratch } from "../scripts/emit/terraform-run";

const run = promisify(execFile);

jest.setTimeout(1_800_000);
afterAll(removeScratch);

const found = goTool(TFLINT, (line) => process.stderr.write(`${line}\n`));
const folders = ["modules", "examples"].flatMap((parent) =>
  readdirSync(parent)
    .filter((name) => readdirSync(join(parent, name)).includes("main.tf"))
    .map((name) => join(parent, name)),
);

if ("missing" in found) {
  // Said here, where the reason is known, and counted as not run.
  test.skip(found.missing, () => undefined);
} else {
  const lint = (folder: string) =>
    run(found.path, [`--config=${resolve(".tflint.hcl")}`, `--chdir=${folder}`, "--no-color"]).catch((error) => error);

  test.each(folders)("has nothing to say of %s", async (folder) => {
    expect((await lint(folder)).stdout).toBe("");
  });

  test("speaks up where something is wrong", async () => {
    const folder = scratch({ "main.tf": 'variable "camelCase" {}\n', "variables.tf": "", "outputs.tf": "" });
    expect((await lint(folder)).stdout).toMatch(/terraform_typed_variables[\s\S]*terraform_naming_convention/);
  });
}
