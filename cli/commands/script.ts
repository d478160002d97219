/** `script NAME`: print a script for jobs, with the deployment's settings in it. */
import { renderJob } from "../../lib/job/render";
import { imageSettings } from "../image/entries";
import type { Options } from "../options";
import { UsageError } from "../usage-error";

export async function run(options: Options, name: string): Promise<boolean> {
  if (name !== "image") throw new UsageError(`there is no script ${name}, expected image`);
  process.stdout.write(renderJob(name, imageSettings(options)));
  return true;
}
