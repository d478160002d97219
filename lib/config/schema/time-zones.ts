/**
 * The names of IANA's time zones, 2025c, one a line. Terraform knows none, so they travel with the builder's module. The configuration asks the runtime,
 * which also knows their offsets.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const TIME_ZONES = readFileSync(join(__dirname, "time-zones.txt"), "utf8");
