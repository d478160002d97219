/** Configurations with the companions' sections: what checks, policies and pages are made from. */
import { parse, stringify } from "yaml";
import { type Companion, sectionKey } from "../../lib/config/companion";

/** Adds each companion's `example` below the text of a configuration. A section that the text has already stays as it is. */
export function withExamples(text: string, companions: readonly Companion[]): string {
  const given = parse(text) as object;
  const missing = companions.filter((companion) => !(sectionKey(companion) in given));
  if (missing.length === 0) return text;
  const sections = missing.map((companion) => [sectionKey(companion), companion.example]);
  return `${text}\n${stringify(Object.fromEntries(sections))}`;
}
