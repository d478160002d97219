/** modules/ is what the constructs emit, and holds what people hold hand-written modules to: format, validity, tests of their own. */

import { execFile } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { removeScratch, scratch, terraform } from "../scripts/emit/terraform-run";
import { MODULES } from "./calls";

const run = promisify(execFile);

jest.setTimeout(1_800_000);
afterAll(removeScratch);

/** A copy of all modules, for one calls the others, so that nothing Terraform leaves lands in the tree. */
function copyOf(module: string): string {
  const copy = scratch({});
  cpSync("modules", copy, { recursive: true });
  return join(copy, module);
}

test("emitting again changes no byte", async () => {
  const { stdout } = await run("node_modules/.bin/tsx", ["scripts/emit/main.ts", "--check"]).catch((error) => error);
  expect(stdout).toBe("");
});

describe.each(MODULES)("%s", (noun) => {
  test("is formatted, valid on its own, and passes its tests", async () => {
    const folder = copyOf(noun);
    await terraform(folder, ["fmt", "-check", "-recursive"]);
    await terraform(folder, ["init", "-input=false"]);
    await terraform(folder, ["validate"]);
    expect(await terraform(folder, ["test"])).toMatch(/Success! \d+ passed, 0 failed\./);
  });
});
