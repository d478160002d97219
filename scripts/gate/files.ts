/** Files that the gate leaves below .cache for its later steps and runs. */
import { join } from "node:path";
import { CACHE } from "../../lab/tools/project";

export const GATE_CACHE = join(CACHE, "gate");
/** The path of the AWS provider's binary. */
export const PROVIDER_FILE = join(GATE_CACHE, "provider");
/** How long steps and files took: see ./times.ts. */
export const TIMES_FILE = join(GATE_CACHE, "times.json");
/** How long each file of bats tests took, in seconds. */
export const BATS_TIMES_FILE = join(GATE_CACHE, "bats-times.json");
