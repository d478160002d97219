/** bench/results/lab.svg: from boot to the end of the first `docker run`, drawn from the results of `npm run bench:lab`. */
import type { Results, WorkerKind } from "../../bench/lab/results";

/** From the repository's root. */
export const LAB_PICTURE = "bench/results/lab.svg";

const ROWS: readonly { kind: WorkerKind; label: string; note: string; isOurs?: boolean }[] = [
  { kind: "cold-1g", label: "no cache", note: "pulled at 1 Gbit/s" },
  { kind: "lazy-15-all-first", label: "cache volume, read whole first", note: "the usual advice" },
  { kind: "lazy-15-none", label: "cache volume, loaded as it is touched", note: "no reading ahead" },
  { kind: "lazy-15-hot", label: "cache volume, hot set read first", note: "this project", isOurs: true },
  { kind: "loaded", label: "cache volume, loaded already", note: "as with fast snapshot restore" },
];

const [WIDTH, LEFT, RIGHT, TOP, STEP, BAR] = [820, 290, 90, 78, 46, 20];

/** Works on light and on dark pages. */
const STYLE = `
    text { font: 14px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .note { font-size: 12px; fill: #59636e; }
    .start { fill: #c8d1da; }
    .run { fill: #8c959f; }
    .ours { fill: #1a7f37; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .note { fill: #9198a1; }
      .start { fill: #3d444d; }
      .run { fill: #7d8590; }
      .ours { fill: #3fb950; }
    }`;

const number = (value: number) => String(Math.round(value * 10) / 10);

function row(results: Results, index: number, scale: number): string {
  const { kind, label, note, isOurs } = ROWS[index] as (typeof ROWS)[number];
  const { boot, run } = results.workers.kinds[kind];
  const y = TOP + index * STEP;
  const [start, own] = [(boot - run) * scale, run * scale];
  return `  <text x="${LEFT - 12}" y="${y + 9}" text-anchor="end">${label}</text>
  <text x="${LEFT - 12}" y="${y + 25}" text-anchor="end" class="note">${note}</text>
  <rect x="${LEFT}" y="${y}" width="${number(start)}" height="${BAR}" class="start"/>
  <rect x="${number(LEFT + start)}" y="${y}" width="${number(own)}" height="${BAR}" class="${isOurs ? "ours" : "run"}"/>
  <text x="${number(LEFT + start + own + 8)}" y="${y + 15}">${boot.toFixed(1)} s</text>`;
}

/** The picture, as text. */
export function renderLabPicture(results: Results): string {
  const longest = Math.max(...ROWS.map(({ kind }) => results.workers.kinds[kind].boot));
  const scale = (WIDTH - LEFT - RIGHT) / longest;
  const height = TOP + ROWS.length * STEP + 52;
  const { cores, docker, date, repetitions, load } = results.workers;
  const busy = load > 0.5 ? `, machine busy with other work (load ${load})` : "";
  const bars = ROWS.map((_, index) => row(results, index, scale)).join("\n");
  const summary = ROWS.map(({ kind, label }) => `${label}: ${results.workers.kinds[kind].boot.toFixed(1)} s`).join(
    ", ",
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
  <title>From boot to the end of the first docker run. ${summary}</title>
  <style>${STYLE}
  </style>
  <text x="16" y="28" class="title">From boot to the end of the first docker run of an image of 1 GB</text>
  <rect x="16" y="42" width="12" height="12" class="start"/>
  <text x="34" y="53" class="note">boot, cloud-init, start of Docker</text>
  <rect x="262" y="42" width="12" height="12" class="run"/>
  <text x="280" y="53" class="note">the first docker run, with its pull or its loading</text>
${bars}
  <text x="16" y="${height - 32}" class="note">In the lab: the volume is emulated, with 15 ms for the first touch of each 512 KiB.</text>
  <text x="16" y="${height - 14}" class="note">${cores} cores, Docker ${docker}, medians of ${repetitions}, ${date}${busy}</text>
</svg>
`;
}
