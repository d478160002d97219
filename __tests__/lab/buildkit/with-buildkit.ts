import { existsSync } from "node:fs";
import { join } from "node:path";
import { labDirectory } from "../../../lab/run/run";

const isThere = existsSync(join(labDirectory, "buildkit/current/docker"));
if (!isThere) process.stderr.write("there is no BuildKit here, so tests that need it are skipped: run lab/setup\n");

/** `describe` and `test` of what needs BuildKit (`lab/setup` makes it). Without it, such tests are skipped and counted as that, and a line says so. */
export const withBuildkit = isThere ? { describe, test } : { describe: describe.skip, test: test.skip };
