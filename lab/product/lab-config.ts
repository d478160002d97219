/** The lab's own configuration: what its registry has the images for. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { minutesInUtc, timeOf } from "../../lib/config/resolve/build-times";

export const LAB_CONFIG = join(__dirname, "../docker-cache.lab.yaml");

const HALF_A_DAY = 12 * 60;

/**
 * The lab's configuration, with a build that is due at `now` and a replication half a day later.
 *
 * The lab's clock leaps, but its machines have this machine's time. A builder keeps clear of the replication (lib/userdata/builder/gate.sh). With
 * times of day that are written down, builds would yield for three hours of each day.
 *
 * @returns YAML
 */
export function labConfig(now = new Date()): string {
  const document = parseDocument(readFileSync(LAB_CONFIG, "utf8"));
  const due = minutesInUtc(now);
  document.setIn(["caches", "ci", "build"], {
    at: [timeOf(due)],
    replicate_at: timeOf(due + HALF_A_DAY),
  });
  return String(document);
}

/** Writes {@link labConfig} of this moment into a folder. @returns the file */
export function writeLabConfig(folder: string): string {
  const file = join(folder, "docker-cache.yaml");
  writeFileSync(file, labConfig());
  return file;
}
