/** Makes what the slow steps share before several of them want it at once: moto's environment, a Terraform, the providers. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureMoto } from "../../lab/aws/moto";
import { init } from "../../lab/loop/terraform";
import { ensureTerraform } from "../setup/terraform";

const root = join(__dirname, "../..");

/** Fills the plugin cache: Terraform's is not made for several `init` at once, and the tests' workers are several. */
async function fetchProviders(terraform: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-providers-"));
  try {
    // Of the modules, the one that needs them all.
    copyFileSync(join(root, "modules/rotation/versions.tf"), join(folder, "versions.tf"));
    const options = { terraform, env: {}, pluginCache: join(root, ".cache/terraform-plugins") };
    await init({ name: "the providers", folder }, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function prepare(): Promise<void> {
  await ensureMoto(console.log);
  const terraform = await ensureTerraform(join(root, ".cache/terraform"));
  console.log(terraform);
  await fetchProviders(terraform);
}

prepare().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
