/** Code of a function, zipped once per stack or module: the bytes are the same for every function of a kind, and on every machine. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { remembered } from "../../lib/remembered";
import { zipOf } from "../../lib/zip";
import { DataArchiveFile, type TerraformStack } from "../terraform/cdktf";
import { str } from "../terraform/expression";
import { besideStack, type FileContent, fileBeside } from "../terraform/files";

/** Code as a function's resource takes it. */
export interface FunctionCode {
  /** Path of the zip, as Terraform sees it. */
  readonly filename: string;
  /** Terraform uploads the zip anew when this changes. */
  readonly sourceCodeHash: string;
}

/**
 * What describes the code lies beside the folder that is zipped, by the name of its function: what is deployed is the code alone, and a new licence
 * changes none of its bytes.
 */
const BESIDE: Readonly<Record<FunctionName, Readonly<Record<string, string>>>> = {
  rotation: { THIRD_PARTY_LICENSES: "THIRD_PARTY_LICENSES", "packages.json": "packages.json" },
  router: { THIRD_PARTY_LICENSES: "THIRD_PARTY_LICENSES_ROUTER", "packages.json": "packages-router.json" },
};
type FunctionName = "rotation" | "router";

/**
 * Code of a function of a stack: the archive provider zips it while planning, over a zip of the same code that lies there already. That one is
 * uploaded where a plan is applied that was made elsewhere.
 *
 * @param name the function's, as its folder in `codeFolder` is called
 * @param codeFolder folder of the bundled functions
 */
export function archivedCode(stack: TerraformStack, name: FunctionName, codeFolder: string): FunctionCode {
  const { code, zip } = place(stack, name, codeFolder);
  const archive = new DataArchiveFile(stack, `${name}.archive`, {
    type: "zip",
    sourceDir: besideStack(code),
    outputPath: zip,
    outputFileMode: "0644",
  });
  return { filename: archive.outputPath, sourceCodeHash: archive.outputBase64Sha256 };
}

/**
 * Code of a function of a module, zipped when the module was emitted. So nothing is written while planning, where instances of one module would write
 * one file at once, and a plan can be applied elsewhere.
 */
export function shippedCode(module: TerraformStack, name: FunctionName, codeFolder: string): FunctionCode {
  const { zip } = place(module, name, codeFolder);
  return { filename: zip, sourceCodeHash: str`filebase64sha256(${zip})` };
}

/** Files of a bundled function by the path that they have beside a stack, read and zipped once for all stacks. */
const filesIn = remembered((folder: string): Readonly<Record<string, FileContent>> => {
  const name = basename(folder) as FunctionName;
  const files: Record<string, FileContent> = {};
  const zipped: Record<string, string> = {};
  for (const file of readdirSync(folder).sort()) {
    const content = readFileSync(join(folder, file), "utf8");
    const beside = BESIDE[name][file];
    files[beside === undefined ? `lambda/${name}/${file}` : `lambda/${beside}`] = content;
    if (beside === undefined) zipped[file] = content;
  }
  return { ...files, [`lambda/${name}.zip`]: zipOf(zipped) };
});

/** Lets a function's files travel with the stack or module. Returns its folder, and the path of its zip as Terraform sees it. */
function place(stack: TerraformStack, name: FunctionName, codeFolder: string): { code: string; zip: string } {
  for (const [path, content] of Object.entries(filesIn(join(codeFolder, name)))) fileBeside(stack, path, content);
  return { code: `lambda/${name}`, zip: besideStack(`lambda/${name}.zip`) };
}
