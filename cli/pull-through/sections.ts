/** The section `pull_through` of the configuration file, region by region. */

import { existsSync } from "node:fs";
import { type Deployment, isPullThrough, type PullThroughSettings } from "../../lib/config/cell";
import { CONFIG_VARIABLE, DEFAULT_FILE } from "../../lib/config/read-config";
import { PULL_THROUGH } from "../../lib/pull-through";
import type { Options } from "../options";
import { readDeployment } from "../targets";
import { UsageError } from "../usage-error";

/** What the file says of one region. */
export interface Section {
  readonly region: string;
  /** Name of the region's stack. */
  readonly stack: string;
  readonly settings: PullThroughSettings;
}

/** Returns the sections of a deployment, sorted by region. */
export function sectionsOf({ project, regions }: Pick<Deployment, "project" | "regions">): Section[] {
  return regions.flatMap(({ name, companions }) => {
    const settings = companions.find(isPullThrough);
    return settings === undefined ? [] : [{ region: name, stack: `${project}-${PULL_THROUGH}-${name}`, settings }];
  });
}

/** Returns the sections that an option `--region` selects, at least one. @throws UsageError if there is none */
export function selectSections({ region }: Options): Section[] {
  const all = sectionsOf(readDeployment());
  const found = all.filter((one) => region === undefined || one.region === region);
  if (found.length > 0) return found;
  if (all.length > 0) throw new UsageError(`${region} has no pull_through; it is in ${regionsOf(all)}`);
  throw new UsageError(
    `the configuration has no section pull_through: write "pull_through: {}" into ${fileName()}, and deploy it`,
  );
}

/** Returns the section of one region. @throws UsageError if several have one, and none is named */
export function selectSection(options: Options): Section {
  const found = selectSections(options);
  if (found.length > 1)
    throw new UsageError(`several regions have pull_through, say which: --region, of ${regionsOf(found)}`);
  return found[0] as Section;
}

/** Returns the sections of the file, if it is there: what is left after them is found without it. */
export function knownSections(): Section[] {
  return existsSync(fileName()) ? sectionsOf(readDeployment()) : [];
}

function fileName(): string {
  return process.env[CONFIG_VARIABLE] || DEFAULT_FILE;
}

function regionsOf(sections: readonly Section[]): string {
  return sections.map(({ region }) => region).join(", ");
}
