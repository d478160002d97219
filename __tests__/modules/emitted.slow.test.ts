/** modules/ is what the constructs emit, and holds what people hold hand-written modules to: format, validity, lint, tests of their own. */

import { execFile } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { goTool, TFLINT } from "../../scripts/setup/go-tool";
import { removeScratch, scratch, terraform } from "../scripts/emit/terraform-run";
import { NOUNS } from "./calls";

const run = promisify(execFile);

jest.setTimeout(1_800_000);
afterAll(removeScratch);

/** A copy, so that nothing Terraform leaves lands in the tree. */
function copyOf(folder: string): string {
  const copy = scratch({});
  cpSync(folder, copy, { recursive: true });
  return copy;
}

test("emitting again changes no byte", async () => {
  const { stdout } = await run("node_modules/.bin/tsx", ["scripts/emit.ts", "--check"]).catch((error) => error);
  expect(stdout).toBe("");
});

describe.each(NOUNS)("%s", (noun) => {
  test("is formatted, valid on its own, and passes its tests", async () => {
    const folder = copyOf(join("modules", noun));
    await terraform(folder, ["fmt", "-check", "-recursive"]);
    await terraform(folder, ["init", "-input=false"]);
    await terraform(folder, ["validate"]);
    expect(await terraform(folder, ["test"])).toMatch(/Success! \d+ passed, 0 failed\./);
  });
});

describe("tflint", () => {
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
      run(found.path, [`--config=${resolve(".tflint.hcl")}`, `--chdir=${folder}`, "--no-color"]).catch(
        (error) => error,
      );

    test.each(folders)("has nothing to say of %s", async (folder) => {
      expect((await lint(folder)).stdout).toBe("");
    });

    test("speaks up where something is wrong", async () => {
      const folder = scratch({ "main.tf": 'variable "camelCase" {}\n', "variables.tf": "", "outputs.tf": "" });
      expect((await lint(folder)).stdout).toMatch(/terraform_typed_variables[\s\S]*terraform_naming_convention/);
    });
  }
});
