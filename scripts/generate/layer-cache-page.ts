/** docs/layer-cache.md: the options of the script. */
import { BUILDX_OPTIONS } from "../../lib/job/buildx-options";
import { optionTable } from "../../lib/job/job-option";
import { replaceSection } from "./section";

/** From the repository's root. */
export const LAYER_CACHE_PAGE = "docs/layer-cache.md";

/** The page with its table of options. */
export function renderLayerCachePage(page: string): string {
  return replaceSection(LAYER_CACHE_PAGE, page, "options", optionTable(BUILDX_OPTIONS, "--").trimEnd());
}
