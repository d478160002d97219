/** The picture of README.md, once for light pages and once for dark ones: the first `docker run` and the boot before it, from bench/results/lab.json. */
import { spreadOfKind } from "../../bench/lab/compare";
import type { Results, WorkerKind, WorkerResults } from "../../bench/lab/results";

export type Theme = "light" | "dark";

/** From the repository's root. */
export const LAB_PICTURES: Readonly<Record<Theme, string>> = {
  light: "bench/results/lab.svg",
  dark: "bench/results/lab-dark.svg",
};

interface Row {
  readonly kind: WorkerKind;
  readonly label: string;
  readonly isOurs?: boolean;
}

/** Rows by what their volume is. */
const GROUPS: readonly { readonly title: string; readonly rows: readonly Row[] }[] = [
  { title: "Without the cache", rows: [{ kind: "cold-1g/traced", label: "pulled at 1 Gbit/s" }] },
  {
    title: "Cache volume, gp3 as published: 100 ms a first touch, 140 MB/s in all",
    rows: [
      { kind: "gp3-none/traced", label: "nothing read ahead" },
      { kind: "gp3-all/traced", label: "read ahead", isOurs: true },
    ],
  },
  {
    title: "Cache volume, 15 ms a first touch",
    rows: [
      { kind: "15ms-none/traced", label: "nothing read ahead" },
      { kind: "15ms-all/traced", label: "read ahead", isOurs: true },
    ],
  },
];

const COLOURS: Readonly<
  Record<Theme, Readonly<Record<"paper" | "text" | "note" | "line" | "boot" | "run" | "ours", string>>>
> = {
  light: {
    paper: "#ffffff",
    text: "#1f2328",
    note: "#59636e",
    line: "#d1d9e0",
    boot: "#afb8c1",
    run: "#bc4c00",
    ours: "#1a7f37",
  },
  dark: {
    paper: "#0d1117",
    text: "#f0f6fc",
    note: "#9198a1",
    line: "#3d444d",
    boot: "#656c76",
    run: "#db6d28",
    ours: "#3fb950",
  },
};

const [WIDTH, LEFT, RIGHT, TOP, STEP, BAR, TITLE, GAP, MARGIN] = [860, 170, 210, 92, 28, 18, 26, 8, 20];

const number = (value: number) => String(Math.round(value * 10) / 10);
const s = (seconds: number) => `${seconds.toFixed(1)} s`;

interface Times {
  readonly run: number;
  /** Before it. */
  readonly boot: number;
}

function timesOf(workers: WorkerResults, kind: WorkerKind): Times | undefined {
  const run = spreadOfKind(workers, kind, (worker) => worker.run);
  const before = spreadOfKind(workers, kind, (worker) => worker.boot - worker.run);
  return run && before && { run: run.median, boot: before.median };
}

/** True if there is what the picture compares. */
export function showsPicture(workers: Results["workers"]): workers is WorkerResults {
  return workers !== undefined && (["cold-1g/traced", "gp3-all/traced"] as const).every((kind) => workers.kinds[kind]);
}

function bar({ label, isOurs }: Row, { boot, run }: Times, y: number, scale: number): string {
  const [start, own] = [boot * scale, run * scale];
  return `  <text x="${LEFT - 12}" y="${y + 14}" text-anchor="end">${label}</text>
  <rect x="${LEFT}" y="${y}" width="${number(start)}" height="${BAR}" class="boot"/>
  <rect x="${number(LEFT + start)}" y="${y}" width="${number(own)}" height="${BAR}" class="${isOurs ? "ours" : "run"}"/>
  <text x="${number(LEFT + start + own + 8)}" y="${y + 14}"><tspan class="value">${s(run)}</tspan><tspan class="note"> after ${s(boot)} of boot</tspan></text>`;
}

/** Every five seconds, over the height of the bars. */
function axis(longest: number, scale: number, bottom: number): string[] {
  return Array.from({ length: Math.floor(longest / 5) + 1 }, (_, index) => {
    const x = number(LEFT + index * 5 * scale);
    return `  <line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${bottom}" class="line"/>
  <text x="${x}" y="${bottom + 16}" text-anchor="middle" class="note">${index * 5} s</text>`;
  });
}

/** Titles and bars from top to bottom, and where they end. */
function groups(workers: WorkerResults, scale: number): { readonly parts: readonly string[]; readonly bottom: number } {
  const parts: string[] = [];
  let y = TOP;
  for (const { title, rows } of GROUPS) {
    const known = rows.flatMap((row) => {
      const times = timesOf(workers, row.kind);
      return times ? [{ row, times }] : [];
    });
    if (known.length === 0) continue;
    parts.push(`  <text x="${MARGIN}" y="${y + 14}" class="group">${title}</text>`);
    y += TITLE;
    for (const { row, times } of known) {
      parts.push(bar(row, times, y, scale));
      y += STEP;
    }
    y += GAP;
  }
  return { parts, bottom: y };
}

function legend(theme: Theme): string {
  const entries = [
    { colour: COLOURS[theme].boot, text: "boot, up to the run", x: MARGIN },
    { colour: COLOURS[theme].run, text: "first docker run, with its pull or its loading", x: MARGIN + 160 },
    { colour: COLOURS[theme].ours, text: "the same with this project's default settings", x: MARGIN + 460 },
  ];
  return entries
    .map(
      ({ colour, text, x }) =>
        `  <rect x="${x}" y="48" width="12" height="12" fill="${colour}"/>\n  <text x="${x + 18}" y="59" class="note">${text}</text>`,
    )
    .join("\n");
}

function style(theme: Theme): string {
  const { paper, text, note, line, boot, run, ours } = COLOURS[theme];
  return `
    text { font: 14px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: ${text}; }
    /* Lines of the axis stop around text. */
    text { stroke: ${paper}; stroke-width: 4px; paint-order: stroke; }
    .title { font-size: 17px; font-weight: 600; }
    .group { font-size: 13px; font-weight: 600; }
    .value { font-weight: 600; }
    .note { font-size: 12px; fill: ${note}; }
    .line { stroke: ${line}; }
    .boot { fill: ${boot}; }
    .run { fill: ${run}; }
    .ours { fill: ${ours}; }`;
}

function circumstances({ cores, memoryGib, docker, date, repetitions, load }: WorkerResults): string {
  const busy = load > 0.5 ? `, machine busy with other work (load ${load})` : "";
  return `${cores} cores, ${memoryGib} GiB, Docker ${docker}; medians of n = ${repetitions}; ${date}${busy}`;
}

/** The picture, as text. */
export function renderLabPicture(workers: WorkerResults, theme: Theme): string {
  const all = GROUPS.flatMap(({ rows }) => rows.flatMap(({ kind }) => timesOf(workers, kind) ?? []));
  const longest = Math.max(...all.map(({ boot, run }) => boot + run));
  const scale = (WIDTH - LEFT - RIGHT) / longest;
  const { parts, bottom } = groups(workers, scale);
  const height = bottom + 66;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
  <title>The first docker run of an image of 1 GB, and the boot before it</title>
  <style>${style(theme)}
  </style>
  <text x="${MARGIN}" y="30" class="title">The first docker run of an image of 1 GB, and the boot before it</text>
${legend(theme)}
${axis(longest, scale, bottom).join("\n")}
${parts.join("\n")}
  <text x="${MARGIN}" y="${bottom + 38}" class="note">Measured in the lab: real systemd, Docker and file systems; the cache volume is emulated, in blocks of 512 KiB.</text>
  <text x="${MARGIN}" y="${bottom + 56}" class="note">${circumstances(workers)}</text>
</svg>
`;
}
