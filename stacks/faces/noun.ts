/** A noun: a stack in each region that has something of it, and a Terraform module. */
import type { CompanionSettings, Deployment, Region } from "../../lib/config/cell";
import type { Companion } from "../../lib/config/companion";
import type { App } from "../terraform/cdktf";
import type { ModuleStack } from "./module-stack";
import type { RegionStack } from "./region-stack";

/** Sources of the stacks, beside their region. */
export interface StackContext {
  readonly deployment: Deployment;
  /** Folder of the bundled functions, each in a folder of its name. */
  readonly codeFolder: string;
}

export interface Noun {
  /** Part of the stacks' names, and the folder of its module. */
  readonly name: string;
  /** Its section of the configuration; undefined: it belongs to the caches. */
  readonly companion?: Companion;
  /** Returns true if a region has something of it, and so a stack. */
  isIn(region: Region): boolean;
  readonly Stack: new (app: App, id: string, context: StackContext, region: Region) => RegionStack;
  /** @param codeFolder as in {@link StackContext} */
  createModule(codeFolder: string): ModuleStack;
}

/** Entries of a companion in a region, with the settings that it resolves them to. */
export function entriesIn<Settings extends CompanionSettings>(region: Region, noun: string): readonly Settings[] {
  return region.companions.filter((entry): entry is Settings => entry.noun === noun);
}

/** The companions among nouns, in their order. */
export function companionsOf(nouns: readonly Noun[]): Companion[] {
  return nouns.flatMap(({ companion }) => companion ?? []);
}

/**
 * Id of an entry's construct in its stack, from which the addresses of its resources begin. The noun stands between an entry's name and the names of
 * parts, so that no entry and part together read as another entry's.
 */
export function entryId({ name, noun }: CompanionSettings): string {
  return `${name}_${noun}`;
}

/**
 * The noun of a companion: it has a stack in each region with an entry.
 */
export function companionNoun(companion: Companion, parts: Pick<Noun, "Stack" | "createModule">): Noun {
  const { noun: name } = companion;
  return { name, companion, isIn: (region) => entriesIn(region, name).length > 0, ...parts };
}
