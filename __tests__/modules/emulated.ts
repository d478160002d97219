/** The emulated AWS for tests of modules, and Terraform pointed at it. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/start";
import { scratch } from "../scripts/emit/terraform-run";

/** Terraform's environment. */
export function environmentOf(aws: EmulatedAws): Record<string, string> {
  return Object.fromEntries(Object.entries(aws.env).map(([name, value]) => [name, value ?? ""]));
}

export { startEmulatedAws };

/** A scratch folder with a root module and copies of the emitted modules below `modules/`. */
export function rootWithModules(root: Record<string, unknown>): string {
  const folder = scratch({ "main.tf.json": JSON.stringify(root, null, 2) });
  cpSync("modules", join(folder, "modules"), { recursive: true });
  return folder;
}
