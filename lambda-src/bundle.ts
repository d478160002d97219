/**
 * Bundles each function into one file that Lambda runs as it is and people can read: `index.mjs`.
 * ES module: it loads twice as fast as the same code as CommonJS. Not minified: the modules ship it beside their HCL.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { dropUnusedShapes } from "./drop-unused-shapes";
import { formatLicenses, formatPackages, LICENSES_FILE, PACKAGES_FILE, packagesOf } from "./licenses";

const ROOT = resolve(__dirname, "..");

export const BUNDLE_FILE = "index.mjs";
/**
 * Each function's `handler`: the stacks, which import nothing from here, are held to it by a test.
 * @internal
 */
export const BUNDLE_HANDLER = "index.handler";

/** The functions: the name of each is its folder here, and its folder in what {@link bundleFunctions} writes. */
export const FUNCTIONS = ["rotation", "router"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Sources of credentials that a function never has; left out, a call that needed one would say which module is missing. */
const NOT_IN_LAMBDA = ["ini", "login", "process", "sso", "web-identity"].map(
  (name) => `@aws-sdk/credential-provider-${name}`,
);

export interface Bundle {
  readonly code: string;
  /** The packages in it, with their licences. */
  readonly licenses: string;
  /** The same packages for programs: JSON. */
  readonly packages: string;
}

/** The same sources give the same bytes, wherever they lie. */
export async function renderBundle(name: FunctionName): Promise<Bundle> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [`lambda-src/${name}/${name}.lambda.ts`],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "esm",
    mainFields: ["module", "main"],
    external: [...NOT_IN_LAMBDA, "@smithy/credential-provider-imds"],
    plugins: [dropUnusedShapes],
    legalComments: "inline",
    charset: "utf8",
    logLevel: "error",
  });
  const packages = packagesOf(bundledFiles(result.metafile), ROOT);
  return {
    code: result.outputFiles[0]!.text,
    licenses: formatLicenses(name, packages),
    packages: formatPackages(packages),
  };
}

/** Files of which something is in the bundle. Of others that are imported, nothing was used. */
function bundledFiles({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
}

/** Writes each function's `index.mjs`, `THIRD_PARTY_LICENSES` and `packages.json` into a folder of its name below `outDir`, which is made if it is missing. */
export async function bundleFunctions(outDir: string): Promise<void> {
  for (const name of FUNCTIONS) {
    const { code, licenses, packages } = await renderBundle(name);
    mkdirSync(join(outDir, name), { recursive: true });
    writeFileSync(join(outDir, name, BUNDLE_FILE), code);
    writeFileSync(join(outDir, name, LICENSES_FILE), licenses);
    writeFileSync(join(outDir, name, PACKAGES_FILE), packages);
  }
}
