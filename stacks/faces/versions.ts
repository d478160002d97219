/** Version ranges that both faces state: lower bounds, below the next major version that nobody has tried. */
import { AWS_PROVIDER_RANGE } from "../../lib/config/schema/provider-range";

/** Terraform 1.5: `validation` with functions on optional object attributes, preconditions, `check` blocks. */
export const REQUIRED_VERSION = ">= 1.5.0";

/** Providers by name. A configuration may state another range of AWS's. */
export const REQUIRED_PROVIDERS = {
  aws: { source: "hashicorp/aws", version: AWS_PROVIDER_RANGE },
  archive: { source: "hashicorp/archive", version: ">= 2.4.0, < 3.0.0" },
} as const;
