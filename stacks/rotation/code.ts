/** Code of a function, zipped once per stack: the bytes are the same for every function of a kind, and on every machine. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DataArchiveFile, type IConstruct } from "../terraform/cdktf";
import { besideStack, fileBeside } from "../terraform/files";
import { oncePerStack } from "../terraform/once-per-stack";

/** Licences lie beside the folder that is zipped: what is deployed is the function alone, and new licences change none of its bytes. */
const LICENSES = "THIRD_PARTY_LICENSES";
const LICENSES_BESIDE = {
  rotation: "lambda/THIRD_PARTY_LICENSES",
  router: "lambda/THIRD_PARTY_LICENSES_ROUTER",
} as const;

/**
 * @param name the function's, as its folder in `codeFolder` is called
 * @param codeFolder folder of the bundled functions
 */
export function createArchive(
  scope: IConstruct,
  name: keyof typeof LICENSES_BESIDE,
  codeFolder: string,
): DataArchiveFile {
  const code = `lambda/${name}`;
  const folder = join(codeFolder, name);
  return oncePerStack(scope, `${name}.archive`, (at, id) => {
    for (const file of readdirSync(folder).sort()) {
      const path = file === LICENSES ? LICENSES_BESIDE[name] : `${code}/${file}`;
      fileBeside(at, path, readFileSync(join(folder, file), "utf8"));
    }
    return new DataArchiveFile(at, id, {
      type: "zip",
      sourceDir: besideStack(code),
      outputPath: besideStack(`${code}.zip`),
      outputFileMode: "0644",
    });
  });
}
