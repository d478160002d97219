/** docs/ci-images.md: the options of the script and the plugin. */
import { IMAGE_OPTIONS } from "../../lib/job/image-options";
import { optionTable } from "../../lib/job/job-option";
import { replaceSection } from "./section";

/** From the repository's root. */
export const CI_IMAGES_PAGE = "docs/ci-images.md";

/** The page with its table of options. */
export function renderCiImagesPage(page: string): string {
  return replaceSection(CI_IMAGES_PAGE, page, "options", optionTable(IMAGE_OPTIONS).trimEnd());
}
