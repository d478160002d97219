/** What is bundled with a function: its licences as one text, `THIRD_PARTY_LICENSES`, and a list for programs, `packages.json`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const LICENSES_FILE = "THIRD_PARTY_LICENSES";
export const PACKAGES_FILE = "packages.json";

/** Texts for packages that name a licence and ship no text: a file for each SPDX identifier. */
const TEXTS = join(__dirname, "licenses");

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX identifier. */
  readonly license: string;
  readonly text: string;
  /** The NOTICE file, which Apache-2.0 hands on, or undefined if there is none. */
  readonly notice: string | undefined;
}

/**
 * The packages that files belong to, by name and version, each once.
 *
 * @param files paths as esbuild's metafile names them, relative to `root`
 * @throws if a package names no licence, or ships no text of one that `lambda-src/licenses` lacks too
 */
export function packagesOf(files: readonly string[], root: string): readonly BundledPackage[] {
  const folders = files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const read = [...new Set(folders)].map((folder) => readPackage(join(root, folder)));
  const byName = new Map(read.map((one) => [titleOf(one), one]));
  return [...byName.keys()].sort().map((title) => byName.get(title)!);
}

/**
 * Name, version and license of each package, as JSON.
 */
export function formatPackages(packages: readonly BundledPackage[]): string {
  return `${JSON.stringify(
    packages.map(({ name, version, license }) => ({ name, version, license })),
    null,
    2,
  )}\n`;
}

/**
 * All packages with the same terms together, then these terms: most share one text.
 *
 * @param name the function's
 */
export function formatLicenses(name: string, packages: readonly BundledPackage[]): string {
  const titles = new Map<string, string[]>();
  for (const one of packages) {
    const terms = [`License: ${one.license}`, one.text, ...(one.notice === undefined ? [] : ["NOTICE", one.notice])];
    const key = terms.map((part) => part.trim()).join("\n\n");
    titles.set(key, [...(titles.get(key) ?? []), titleOf(one)]);
  }
  const parts = [...titles].map(([terms, names]) => `${names.join("\n")}\n\n${terms}\n`);
  const head = `Third-party software in the ${name} function, lambda/${name}/index.mjs, and its licenses.\n`;
  return [head, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (typeof license !== "string") throw new Error(`${name} ${version} names no license`);
  const text =
    readFirst(folder, (file) => /^licen[cs]e/i.test(file)) ?? readFirst(TEXTS, (file) => file === `${license}.txt`);
  if (text === undefined)
    throw new Error(`${name} ${version} ships no text of its license: write lambda-src/licenses/${license}.txt`);
  return { name, version, license, text, notice: readFirst(folder, (file) => /^notice/i.test(file)) };
}

/** Returns the text of the first file that is wanted, or undefined if there is none. */
function readFirst(folder: string, wanted: (file: string) => boolean): string | undefined {
  const [file] = readdirSync(folder).filter(wanted).sort();
  return file === undefined ? undefined : readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n");
}

function titleOf({ name, version }: BundledPackage): string {
  return `${name} ${version}`;
}
