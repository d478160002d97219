/** Snapshots are kept long enough. */

import { COPY_HOURS, cadenceHours, expressionProblem } from "../resolve/cadence";
import { isCopied } from "../resolve/regional";
import type { CacheCheck } from "../text/problem";

/**
 * Times that the cadence goes into the retention of copies. Rotation replaces a promoted copy when a third of its retention is
 * left. It promotes none that expires within two cadences: a third must hold those two.
 */
const CADENCES = 6;

/** Copies outlive the builds that follow them by far: DLM deletes by age, whether or not anything newer came. */
export const checkCopyRetention: CacheCheck = (config, cache) => {
  const { build, retention } = config.caches[cache]!;
  if (!isCopied(config, cache)) return [];
  if (build.expression !== null && expressionProblem(build.expression) !== undefined) return [];
  const cadence = Math.max(COPY_HOURS, cadenceHours(build));
  const least = Math.ceil((CADENCES * cadence) / 24);
  if (retention.copy_retention_days >= least) return [];
  return [
    {
      path: ["caches", cache, "retention", "copy_retention_days"],
      found: `${retention.copy_retention_days} days, with up to ${cadence} hours from copy to copy`,
      expected: `at least ${least} days, ${CADENCES} times as long as from copy to copy`,
      fix: `set copy_retention_days: ${least} or more, or build more often`,
    },
  ];
};
