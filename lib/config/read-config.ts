/** Reads the configuration from disk: the one effect of this folder. */
import { readFileSync } from "node:fs";
import { type ParseResult, parseConfig } from "./load";

/** Environment variable that names another file than {@link DEFAULT_FILE}. */
export const CONFIG_VARIABLE = "DOCKER_CACHE_CONFIG";
/** Configuration in the current folder. */
export const DEFAULT_FILE = "docker-cache.yaml";

/** Reads and parses the file that `environment` names, or the default. A file that cannot be read is a problem like any other. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ParseResult {
  const file = environment[CONFIG_VARIABLE] || DEFAULT_FILE;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found = code === "ENOENT" ? "no such file" : `a file that cannot be read (${code})`;
    const fix = `write ${DEFAULT_FILE} here, or name another file in $${CONFIG_VARIABLE}`;
    return { ok: false, problems: [{ file, line: 1, column: 1, path: "", found, expected: "a configuration", fix }] };
  }
  return parseConfig(text, file);
}
