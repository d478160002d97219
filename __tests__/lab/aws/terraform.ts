/** Real Terraform in a folder of its own, against the emulated AWS. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmulatedAws } from "../../../lab/aws/server/start";
import { automated, forgetChecksums } from "../../../lab/product/terraform";

/** Exit code and output of a command. */
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Runs Terraform in a copy of a root module. The server it talks to runs in this process: never wait for it synchronously. */
export function terraformIn(source: string, { env, provider }: Pick<EmulatedAws, "env" | "provider">) {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-terraform-"));
  cpSync(source, folder, { recursive: true });
  const run = async (...args: string[]): Promise<Outcome> => {
    const variables = await automated(folder, args, provider);
    return new Promise((resolve, reject) => {
      const child = spawn("terraform", [`-chdir=${folder}`, ...args], {
        env: { ...process.env, ...env, ...variables },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk;
      });
      child.stderr.on("data", (chunk: Buffer) => {
        output += chunk;
      });
      child.once("error", (error) => reject(new Error(`these tests need terraform on the PATH: ${error.message}`)));
      child.once("close", (status) => resolve({ status, output }));
    });
  };
  return {
    folder,
    run,
    /** Runs a command that has to succeed. Returns its output. */
    async must(...args: string[]): Promise<string> {
      const { status, output } = await run(...args, ...(args[0] === "output" ? [] : ["-no-color"]));
      if (status !== 0) throw new Error(`terraform ${args.join(" ")} ended with ${status}:\n${output.slice(-4000)}`);
      if (args[0] === "init") await forgetChecksums(folder);
      return output;
    },
    /** Returns the changes that a plan would make. Empty if there are none. */
    async changes(...args: string[]): Promise<string> {
      const { status, output } = await run("plan", "-detailed-exitcode", "-input=false", "-no-color", ...args);
      return status === 0 ? "" : output.slice(output.indexOf("Terraform used")).slice(0, 6000);
    },
  };
}
