/** The emulated AWS for tests of modules, and roots that call them. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { type EmulatedAws, startEmulatedAws } from "../../lab/aws/server/start";
import { planAgain, scratch } from "../scripts/emit/terraform-run";

export { startEmulatedAws };

/** A scratch folder with a root module and copies of the emitted modules below `modules/`. */
export function rootWithModules(root: Record<string, unknown>): string {
  const folder = scratch({ "main.tf.json": JSON.stringify(root, null, 2) });
  cpSync("modules", join(folder, "modules"), { recursive: true });
  return folder;
}

/** A resource that a plan changes. */
export interface ManagedChange {
  readonly address: string;
  readonly mode: string;
  readonly change: { readonly actions: readonly string[] };
}

/** What a plan of an initialized folder would do to resources. */
export async function managedChanges(
  folder: string,
  aws: EmulatedAws,
  options: readonly string[] = [],
): Promise<ManagedChange[]> {
  const { resource_changes: all } = await planAgain(folder, aws, options);
  return (all as ManagedChange[]).filter(({ mode, change }) => mode === "managed" && change.actions[0] !== "no-op");
}
