import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labDirectory } from "../../../lab/run/run";

const isThere = existsSync(join(labDirectory, "buildkit/current/docker"));
if (!isThere) process.stderr.write("there is no BuildKit here, so tests that need it are skipped: run lab/setup\n");

/** `describe` and `test` of what needs BuildKit (`lab/setup` makes it). Without it, such tests are skipped and counted as that, and a line says so. */
export const withBuildkit = isThere ? { describe, test } : { describe: describe.skip, test: test.skip };

const version = readFileSync(join(__dirname, "../../../lab/buildkit/former/go.mod"), "utf8").match(
  /github\.com\/moby\/buildkit (v\S+)/,
)?.[1];

/** An image of a BuildKit of 2024, from which builders can be made too. */
export const FORMER_IMAGE = `moby/buildkit:${version}`;
