/** Options of the script `image`: what plugin.yml declares, the command line offers, and the pages list. */
import options from "./image/options.json";

/** An option. A list is given several times, a map as KEY=VALUE, a switch is true or false. */
export interface ImageOption {
  readonly name: string;
  readonly kind: "text" | "list" | "map" | "switch" | "number" | "choice";
  readonly description: string;
  /** Value if it is not given, or what it follows from, in words; undefined: none. */
  readonly default?: string;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export const IMAGE_OPTIONS = options as readonly ImageOption[];

/** Values that an option may have, in words. */
function meaning({ kind, choices, minimum, maximum }: ImageOption): string {
  switch (kind) {
    case "choice":
      return (choices as readonly string[]).map((choice) => `\`${choice}\``).join(", ");
    case "number":
      return `${minimum} to ${maximum}`;
    case "switch":
      return "`true`, `false`";
    default:
      return kind;
  }
}

/** The options as a table in Markdown. */
export function optionTable(): string {
  const rows = IMAGE_OPTIONS.map(
    (option) => `| \`${option.name}\` | ${meaning(option)} | ${option.default ?? ""} | ${option.description} |\n`,
  );
  return `| option | value | default | meaning |\n|---|---|---|---|\n${rows.join("")}`;
}
