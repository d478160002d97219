/** The options of `docker-cache buildx`, as the script takes them. */
import { BUILDX_OPTIONS } from "../../lib/job/buildx-options";
import { type Given, givenTo } from "../job/run-script";

/** Options that are among the script's settings. */
const SETTINGS = ["region", "account-id"];

/** Returns the arguments that hand options on, each in one word. A dry run is the line, printed. */
export function argumentsOf(given: Given): string[] {
  const all: Given = { ...given, print: given.print === true || given.dryRun === true };
  return BUILDX_OPTIONS.filter(({ name }) => !SETTINGS.includes(name)).flatMap(({ name }) => {
    const value = givenTo(all, name);
    if (value === undefined || value === false) return [];
    return [value === true ? `--${name}` : `--${name}=${value}`];
  });
}
