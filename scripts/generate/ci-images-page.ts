/** docs/ci-images.md: the options of the script and the plugin. */
import { optionTable } from "../../lib/job/image-options";
import { replaceSection } from "./section";

/** From the repository's root. */
export const CI_IMAGES_PAGE = "docs/ci-images.md";

/** The page with its table of options. */
export function renderCiImagesPage(page: string): string {
  return replaceSection(CI_IMAGES_PAGE, page, "options", optionTable().trimEnd());
}
