/** An option of a script for jobs, as its options.json has it. */
export interface JobOption {
  readonly name: string;
  /** A list is given several times, a map as KEY=VALUE, a switch is true or false. A flag has no value, and an optional one stands behind `=` alone. */
  readonly kind: "text" | "list" | "map" | "switch" | "number" | "choice" | "flag" | "optional";
  readonly description: string;
  /** Value if it is not given, or what it follows from, in words; undefined: none. */
  readonly default?: string;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Values that an option may have, in words. */
function meaning({ kind, choices, minimum, maximum }: JobOption): string {
  switch (kind) {
    case "choice":
      return (choices as readonly string[]).map((choice) => `\`${choice}\``).join(", ");
    case "number":
      return `${minimum} to ${maximum}`;
    case "switch":
      return "`true`, `false`";
    case "flag":
      return "";
    case "optional":
      return "text or none";
    default:
      return kind;
  }
}

/** Options as a table in Markdown; `before` stands in front of each name. */
export function optionTable(options: readonly JobOption[], before = ""): string {
  const rows = options.map(
    (option) =>
      `| \`${before}${option.name}\` | ${meaning(option)} | ${option.default ?? ""} | ${option.description} |\n`,
  );
  return `| option | value | default | meaning |\n|---|---|---|---|\n${rows.join("")}`;
}
