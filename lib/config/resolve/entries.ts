/** The entries of companions' sections, and their places. */
import type { CompanionSettings } from "../cell";
import { type Companion, type Entry, type EntryFields, type EntryPlace, sectionKey } from "../companion";
import type { Config } from "../schema/schema";
import { sortedRecord } from "./stable";

/** Entries of all companions in a configuration, in the order of the companions and then by name. */
export function entriesOf(config: Config, companions: readonly Companion[]): Entry[] {
  return companions.flatMap((companion): Entry[] => {
    const key = sectionKey(companion);
    const section = (config as unknown as Record<string, unknown>)[key];
    if (section === undefined) return [];
    if (companion.entries === "single")
      return [{ companion, name: companion.noun, path: [key], fields: section as EntryFields }];
    const named = section as Record<string, EntryFields>;
    // Read when they are asked for: of a faulty configuration, some cannot be looked at.
    const entry = (name: string): Entry => ({
      companion,
      name,
      path: [key, name],
      get fields() {
        return named[name]!;
      },
    });
    return Object.keys(named).sort().map(entry);
  });
}

/** The places of an entry, one of `all`: each region of the configuration that the entry is in, sorted. */
export function placesOf(config: Config, entry: Entry, all: readonly Entry[]): EntryPlace<EntryFields>[] {
  return Object.keys(config.regions)
    .filter((region) => entry.fields.regions?.includes(region) ?? true)
    .sort()
    .map((region) => ({ ...entry, config, region, all }));
}

/** Settings of the companions' entries in a region. */
export function companionsIn(config: Config, region: string, companions: readonly Companion[]): CompanionSettings[] {
  const all = entriesOf(config, companions);
  return all
    .flatMap((entry) => placesOf(config, entry, all))
    .filter((place) => place.region === region)
    .map((place) => ({ ...owned(place), ...place.companion.settings(place) }));
}

/** Settings that every entry has in a region. */
function owned({ companion, name, fields, config, region }: EntryPlace<EntryFields>): CompanionSettings {
  return {
    noun: companion.noun,
    name,
    tags: sortedRecord(config.tags),
    permissionsBoundaryArn: fields.permissions_boundary_arn,
    rolePath: fields.role_path,
    kmsKeyArn: config.regions[region]!.kms_key_arn,
    ...(companion.logs && {
      logRetentionDays: (fields as EntryFields & { log_retention_days: number }).log_retention_days,
    }),
  };
}
