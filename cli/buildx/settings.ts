/** The settings that the script `buildx` gets. */
import { isPullThrough } from "../../lib/config/cell";
import type { JobSettings } from "../../lib/job/render";
import { pullThroughMap } from "../../lib/pull-through";
import { chooseLayerCache } from "../layer-cache/section";
import type { Options } from "../options";
import { registryOf } from "../registry";

/**
 * Returns the settings of the entry and region that options or the environment choose, with the mirrors of the region's pull-through.
 *
 * @throws UsageError if there is no entry, the one that is named or its region is not there, or none is named and there are several
 */
export function buildxSettings(options: Options, environment: NodeJS.ProcessEnv = process.env): JobSettings<"buildx"> {
  const { accountId } = options;
  const { region, settings, companions } = chooseLayerCache(options, environment);
  const { name, backend, bucket, protectedBranches, builder } = settings;
  const mirrors = pullThroughMap(companions.filter(isPullThrough).flatMap(({ rules }) => rules));
  return {
    job_set_entry: name,
    job_set_region: region,
    job_set_backend: backend,
    job_set_bucket: bucket ?? undefined,
    job_set_account: accountId === undefined ? undefined : registryOf(accountId, region).accountId,
    job_set_protected: protectedBranches.join("\n"),
    job_set_builder: builder.name,
    job_set_image: builder.image,
    job_set_keep_gib: builder.keepGib.toString(),
    job_set_mirrors: Object.entries(mirrors)
      .map(([upstream, prefix]) => `${upstream} ${prefix}`)
      .join("\n"),
  };
}
