/** The versions of tools, as mise.toml names them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { ROOT } from "./project";

const FILE = join(ROOT, "mise.toml");

/**
 * The versions of a tool, the one that is used first.
 *
 * @param tool a key of `[tools]`
 * @param text the file's, for tests
 * @throws if the file names no version of it
 */
export function toolVersions(tool: string, text = readFileSync(FILE, "utf8")): readonly [string, ...string[]] {
  const { tools = {} } = parse(text) as { tools?: Readonly<Record<string, unknown>> };
  const [first, ...others] = [tools[tool]].flat();
  if (![first, ...others].every((version) => typeof version === "string"))
    throw new Error(`mise.toml names no version of ${tool}, or not as text`);
  return [first, ...others] as [string, ...string[]];
}
