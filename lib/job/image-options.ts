/** Options of the script `image`: what plugin.yml declares, the command line offers, and the pages list. */
import options from "./image/options.json";
import type { JobOption } from "./job-option";

/** An option of the script. */
export interface ImageOption extends JobOption {
  readonly kind: Exclude<JobOption["kind"], "flag" | "optional">;
}

export const IMAGE_OPTIONS = options as readonly ImageOption[];
