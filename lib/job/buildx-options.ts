/** Options of the script `buildx`: what the command line offers, and the page lists. */
import options from "./buildx/options.json";
import type { JobOption } from "./job-option";

/** An option of the script. */
export interface BuildxOption extends JobOption {
  readonly kind: "text" | "choice" | "flag" | "optional";
}

export const BUILDX_OPTIONS = options as readonly BuildxOption[];
