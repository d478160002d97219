/** Others' modules ask for newer AWS providers than the one that ours are applied with: ours are held against the schema of one that all take. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { peers } from "../../docs/modules-page";

const SETS = "scripts/compat";

/** Minor version of a version of 6, e.g. 28 of `>= 6.28`. */
const minorOf = (version: string) => Number(/^(?:>= )?6\.(\d+)/.exec(version)?.[1]);

test.each(peers)("the newest schema that compat knows is in the range of $source", ({ aws }) => {
  const newest = readdirSync(SETS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => JSON.parse(readFileSync(join(SETS, name, "package.json"), "utf8")).awsProvider as string);
  expect(Math.max(...newest.map(minorOf))).toBeGreaterThanOrEqual(minorOf(aws));
});
