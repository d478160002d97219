/** The emulated AWS for tests of modules, and roots that call them. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { startEmulatedAws } from "../../lab/aws/server/start";
import { scratch } from "../scripts/emit/terraform-run";

export { startEmulatedAws };

/** A scratch folder with a root module and copies of the emitted modules below `modules/`. */
export function rootWithModules(root: Record<string, unknown>): string {
  const folder = scratch({ "main.tf.json": JSON.stringify(root, null, 2) });
  cpSync("modules", join(folder, "modules"), { recursive: true });
  return folder;
}
