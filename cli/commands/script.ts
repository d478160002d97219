/** `script NAME`: print a script for jobs, with the deployment's settings in it. */
import { renderJob } from "../../lib/job/render";
import { buildxSettings } from "../buildx/settings";
import { imageSettings } from "../image/entries";
import type { Options } from "../options";
import { UsageError } from "../usage-error";

/** The scripts by their names. */
const SCRIPTS: Readonly<Record<string, (options: Options) => string>> = {
  image: (options) => renderJob("image", imageSettings(options)),
  buildx: (options) => renderJob("buildx", buildxSettings(options)),
};

export async function run(options: Options, name: string): Promise<boolean> {
  const render = Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name] : undefined;
  if (!render) throw new UsageError(`there is no script ${name}, expected ${Object.keys(SCRIPTS).join(" or ")}`);
  process.stdout.write(render(options));
  return true;
}
