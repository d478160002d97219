/** Makes what the slow steps share before several of them want it at once: moto's environment and a Terraform. */
import { join } from "node:path";
import { ensureMoto } from "../../lab/aws/moto";
import { ensureTerraform } from "../setup/terraform";

async function prepare(): Promise<void> {
  await ensureMoto(console.log);
  console.log(await ensureTerraform(join(__dirname, "../../.cache/terraform")));
}

prepare().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
