/** The static scripts of the user data, read once. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Noun = "builder" | "worker";

const folder = join(__dirname, "../../lib/userdata");
const scripts = new Map<Noun, string>();

function filesIn(name: string): string[] {
  return readdirSync(join(folder, name))
    .filter((file) => file.endsWith(".sh"))
    .sort()
    .map((file) => join(folder, name, file));
}

/** The script of a noun. */
export function userDataScript(noun: Noun): string {
  const known = scripts.get(noun);
  if (known !== undefined) return known;
  const script = [...filesIn("shared"), ...filesIn(noun)]
    .map((path) => readFileSync(path, "utf8"))
    .join("")
    .replace(/^\s*#.*\n/gm, "");
  scripts.set(noun, script);
  return script;
}
