/** Makes what the slow steps share before several of them want it at once: moto's environment, a Terraform, the providers. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureMoto } from "../../lab/aws/moto/server";
import { init } from "../../lab/product/terraform";
import { PLUGIN_CACHE, TERRAFORM_CACHE } from "../../lab/tools/project";
import { ensureTerraform } from "../../lab/tools/terraform";
import { REQUIRED_PROVIDERS } from "../../stacks/faces/versions";
import { GATE_CACHE, PROVIDER_FILE } from "./files";

/** The path of the one thing in a folder whose name begins so. */
function only(folder: string, prefix = ""): string {
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix));
  if (names.length !== 1) throw new Error(`${folder} holds ${names.length} things named ${prefix}*, expected one`);
  return join(folder, names[0] ?? "");
}

/** Fills the plugin cache: Terraform's is not made for several `init` at once, and the tests' workers are several. Returns the AWS provider's binary. */
async function fetchProviders(terraform: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-providers-"));
  try {
    const root = { terraform: { required_providers: REQUIRED_PROVIDERS } };
    writeFileSync(join(folder, "main.tf.json"), JSON.stringify(root));
    const options = { terraform, env: {}, pluginCache: PLUGIN_CACHE };
    await init({ name: "the providers", folder }, options);
    const installed = join(folder, ".terraform/providers/registry.terraform.io/hashicorp/aws");
    return realpathSync(only(only(only(installed)), "terraform-provider-aws_"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function prepare(): Promise<void> {
  // That of an earlier run shall not stand in for what this one fails to find.
  rmSync(PROVIDER_FILE, { force: true });
  await ensureMoto(console.log);
  const terraform = await ensureTerraform(TERRAFORM_CACHE);
  console.log(terraform);
  const provider = await fetchProviders(terraform);
  mkdirSync(GATE_CACHE, { recursive: true });
  writeFileSync(PROVIDER_FILE, provider);
  console.log(provider);
}

prepare().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
