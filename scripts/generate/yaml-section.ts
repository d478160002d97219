/** Surprises of YAML, and what becomes of them here. A test holds every line of it. */

/** A spelling, and what happens. */
export interface Trap {
  readonly written: string;
  readonly effect: string;
}

export const TRAPS: readonly Trap[] = [
  {
    written: "optional: no",
    effect: "An error. `no`, `yes`, `on` and `off` are text in YAML 1.2: write `false` or `true`.",
  },
  { written: "- python: 3.10", effect: "An error: a space after the colon makes a map of it. Write `- python:3.10`." },
  {
    written: "reference: 3.10",
    effect: "An error: YAML reads the number 3.1. Text that looks like a number needs quotes.",
  },
  {
    written: "generation: 1e3",
    effect:
      "An error, as are `0x1f`, `0o14`, `.inf` and `014`, which older YAML reads as 12. Numbers are plain decimals.",
  },
  { written: "cost_center: 0042", effect: 'An error, for the same reason. Write `"0042"`.' },
  {
    written: "at: [03:00]",
    effect:
      "Read as the text 03:00, as meant. (Older YAML reads `3:00` as 180; here it lacks a digit, and is an error.)",
  },
  { written: "no: example.com", effect: "The key `no`, as meant: keys are text, whatever they look like." },
  {
    written: "volume:",
    effect: "An error: nothing after the colon is null. Write `volume: {}`, or remove the key; `~` is null too.",
  },
  { written: "a key twice", effect: "An error." },
  { written: "tabs", effect: "An error where they indent." },
  {
    written: "&anchor, *alias, <<",
    effect: "Errors: every value is written where it holds. What caches share in a region goes under `regions`.",
  },
  { written: "!tag", effect: "An error, unless it is one of YAML's own such as `!!str`." },
  { written: "--- twice", effect: "An error: one file, one document." },
  { written: "%YAML 1.1", effect: "Changes nothing: the file is read as YAML 1.2." },
];

export function renderTraps(): string {
  const rows = TRAPS.map(
    ({ written, effect }) => `| ${/[:&!%]|---/.test(written) ? code(written) : written} | ${effect} |`,
  );
  return ["| written | effect |", "|---|---|", ...rows].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
