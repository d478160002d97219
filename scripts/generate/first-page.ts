/** The picture of README.md, and the sentences below it. */
import { spreadOfKind } from "../../bench/lab/compare";
import type { Results, WorkerKind, WorkerResults } from "../../bench/lab/results";
import { LAB_PICTURES, showsPicture } from "./lab-picture";
import { replaceSection } from "./section";

/** From the repository's root. */
export const FIRST_PAGE = "README.md";

const OURS: WorkerKind = "gp3-all/traced";
const PULLED: WorkerKind = "cold-1g/traced";

/** README.md with what was measured. As long as the workers have not been measured, it stays as it is. */
export function renderFirstPage(page: string, { workers }: Results): string {
  if (!showsPicture(workers)) return page;
  const text = `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${LAB_PICTURES.dark}">
  <img alt="${alternative(workers)}" src="${LAB_PICTURES.light}">
</picture>

Measured in this repository's lab ([all figures](bench/README.md)), with real systemd, Docker and file systems.
The volumes are emulated.
The first touch of each block of 512 KiB takes 15 ms, or as gp3 is published: 100 ms, at 140 MB/s in all.
A job that reads every file of the image is compared there, too.`;
  return replaceSection(FIRST_PAGE, page, "lab", text);
}

function alternative(workers: WorkerResults): string {
  const seconds = (kind: WorkerKind, figure: "run" | "boot") =>
    spreadOfKind(workers, kind, (worker) => worker[figure])?.median.toFixed(1);
  const told = (kind: WorkerKind) => `${seconds(kind, "run")} s, from boot to its end ${seconds(kind, "boot")} s`;
  return `The first docker run of an image of 1 GB: pulled at 1 Gbit/s ${told(PULLED)}; with the cache volume read ahead, gp3 as published, ${told(OURS)}`;
}
