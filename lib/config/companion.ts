/**
 * A companion's part of the configuration. It is one optional section at the top, called as the noun with underscores, that holds entries. An entry
 * belongs to regions; it has neither architecture nor cache.
 */
import type { z } from "zod";
import type { AwsName } from "./schema/aws-names";
import type { Config } from "./schema/schema";
import type { Finding, Path } from "./text/problem";

/** Fields of every entry, whatever its noun. */
export interface EntryFields {
  /** Names of the regions that the entry is in; undefined: all. */
  readonly regions?: readonly string[] | undefined;
  readonly permissions_boundary_arn: string | null;
  readonly role_path: string;
}

/** An entry, and its place in the configuration. */
export interface Entry<Fields extends EntryFields = EntryFields> {
  readonly companion: Companion;
  /** Its name in the section; the noun, if the section is the entry. */
  readonly name: string;
  readonly path: Path;
  readonly fields: Fields;
}

/** An entry in one region, from which its settings are made. */
export interface EntryPlace<Fields extends EntryFields> extends Entry<Fields> {
  readonly config: Config;
  readonly region: string;
  /** Entries of all companions, this one too. */
  readonly all: readonly Entry[];
}

/** @typeParam Fields the fields of an entry: the noun's own, and those of {@link EntryFields}. */
export interface CompanionOf<Fields extends EntryFields> {
  /** Name of the noun, e.g. `layer-cache`. */
  readonly noun: string;
  /** Meaning of the section, for docs/configuration.md and editors. */
  readonly description: string;
  /** `named`: the section is a map of entries by name. `single`: the section itself is the only entry. */
  readonly entries: "named" | "single";
  /** The noun's own fields of an entry. */
  readonly fields: z.ZodRawShape;
  /** Fields of an entry that jobs alone read. Its module has no variables of them. */
  readonly jobFields?: z.ZodRawShape;
  /** Fields that the module's variables have in place of the section's, because null says something there that it cannot say to a module. */
  readonly moduleFields?: z.ZodRawShape;
  /** True if entries have log groups, and so `log_retention_days`. */
  readonly logs?: boolean;
  /** True if it has an alarm topic, and so its module `notifications`. */
  readonly alarms?: boolean;
  /** Names that an entry takes in a region. Stand-ins may stand for what only the plan knows, such as the account's id. */
  names(place: EntryPlace<Fields>): readonly AwsName[];
  /** Prefixes below which ECR makes repositories by itself, because of this entry. No other entry's repository may be there. */
  repositoryPrefixes?(place: EntryPlace<Fields>): readonly string[];
  /** Checks of an entry that the schema alone cannot make. */
  check?(entry: Entry<Fields>, config: Config, all: readonly Entry[]): readonly Finding[];
  /** The noun's own settings in a region, beside those that every entry has. */
  settings(place: EntryPlace<Fields>): object;
  /** A section with everything switched on, from which policies and pages are made. */
  readonly example: object;
}

/** Any companion. */
export type Companion = CompanionOf<EntryFields>;

/** A companion whose fields are known to its own functions, as one of many. */
export function companionOf<Fields extends EntryFields>(companion: CompanionOf<Fields>): Companion {
  return companion as unknown as Companion;
}

/** Key of the section, e.g. `layer_cache`. */
export function sectionKey({ noun }: Pick<Companion, "noun">): string {
  return noun.replaceAll("-", "_");
}
