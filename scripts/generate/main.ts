/** `npm run generate`: writes every file that is generated from code. `--check` writes nothing, and fails if one is not as it should be. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { RESULTS_FILE, readResults } from "../../bench/lab/results";
import { ARCHITECTURE_PAGE, renderArchitecturePage } from "./architecture-page";
import { BENCH_PAGE, renderBenchPage } from "./bench-page";
import { CI_IMAGES_PAGE, renderCiImagesPage } from "./ci-images-page";
import { CONFIGURATION_PAGE, renderConfigurationPage } from "./configuration-page";
import { EDITOR_SCHEMA, renderEditorSchema } from "./editor-schema";
import { FIRST_PAGE, renderFirstPage } from "./first-page";
import { LAB_PICTURES, renderLabPicture, showsPicture } from "./lab-picture";
import { LAYER_CACHE_PAGE, renderLayerCachePage } from "./layer-cache-page";
import { renderSecurityPage, SECURITY_PAGE } from "./security-page";

/** Each file, and what it should be, given what it is. */
const GENERATED: Readonly<Record<string, (current: string) => string>> = {
  [EDITOR_SCHEMA]: () => renderEditorSchema(),
  [CONFIGURATION_PAGE]: () => renderConfigurationPage(),
  [SECURITY_PAGE]: renderSecurityPage,
  [ARCHITECTURE_PAGE]: renderArchitecturePage,
  [CI_IMAGES_PAGE]: renderCiImagesPage,
  [LAYER_CACHE_PAGE]: renderLayerCachePage,
};

/** A picture stays as it is as long as there is nothing to draw. */
const picture = (theme: "light" | "dark") => (current: string) => {
  const { workers } = readResults();
  return showsPicture(workers) ? renderLabPicture(workers, theme) : current;
};

/** Files that show the figures of the lab, once there are any. */
const SHOWING_RESULTS: typeof GENERATED = {
  [LAB_PICTURES.light]: picture("light"),
  [LAB_PICTURES.dark]: picture("dark"),
  [BENCH_PAGE]: (page) => renderBenchPage(page, readResults()),
  [FIRST_PAGE]: (page) => renderFirstPage(page, readResults()),
};

/** The files that are not as they should be; writes them unless `check`. */
export function generate(check: boolean): string[] {
  return Object.entries({ ...GENERATED, ...(existsSync(RESULTS_FILE) ? SHOWING_RESULTS : {}) })
    .filter(([file, render]) => {
      const current = existsSync(file) ? readFileSync(file, "utf8") : "";
      const wanted = render(current);
      if (!check && wanted !== current) writeFileSync(file, wanted);
      return wanted !== current;
    })
    .map(([file]) => file);
}

function main(): void {
  const check = process.argv.includes("--check");
  const stale = generate(check);
  if (!check) process.stdout.write(stale.map((file) => `wrote ${file}\n`).join(""));
  else if (stale.length > 0) {
    process.stderr.write(`not as generated: ${stale.join(", ")}. Run: npm run generate\n`);
    process.exitCode = 1;
  }
}

if (require.main === module) main();
